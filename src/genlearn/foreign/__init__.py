"""Formats of other libraries: models that others trained, read without executing anything in
them."""
