"""The vocabulary that every other layer shares: what data looks like, what a model can do, how
randomness is named.

Imports nothing of the rest of the package.
"""
