"""The twelve chapters, a file each: what it trains, what it draws."""
