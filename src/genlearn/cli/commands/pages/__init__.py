"""Commands whose result is opened in a browser."""
