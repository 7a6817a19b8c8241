"""Folders of runs: what is in them, and what is written there while a model learns."""
