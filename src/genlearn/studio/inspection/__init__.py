"""What is in a set of data, found out by a process of its own.

Files that others made are decoded in a worker with limits, never in the server: a decoder that
crashes, or never ends, or asks for all of the memory, takes nothing with it. What the worker finds
is kept as JSON, pictures and pixels, until the data changes.
"""
