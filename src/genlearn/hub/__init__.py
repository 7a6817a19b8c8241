"""Runs on the Hugging Face hub: weights and manifest, with a card (`card`) of what was measured."""
