"""Columns of a table as metrics and panels compare them: by kind, one by one, and in pairs."""
