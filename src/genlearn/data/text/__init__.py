"""Captions, embedded by a frozen language model."""
