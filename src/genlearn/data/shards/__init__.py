"""Data prepared in parts, by as many machines as there are, and put together."""
