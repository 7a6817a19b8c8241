"""Autoencoders, and the variational ones."""
