"""Commands that turn data into other files of the same data."""
