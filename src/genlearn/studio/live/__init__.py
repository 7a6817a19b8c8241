"""What changes while a page looks at it, told by Server-Sent Events."""
