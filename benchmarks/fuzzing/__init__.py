"""Hostile inputs: good files of every kind that is read (`inputs`), changed at random
(`mutations`), and what became of reading them (`reading`)."""
