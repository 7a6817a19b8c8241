"""Models at work for a page: loaded once, asked in threads of their own."""
