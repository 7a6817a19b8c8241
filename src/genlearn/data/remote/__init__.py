"""Data at addresses: listed, and fetched one file at a time."""
