"""Measurements of one model: memorization, codes, likelihood, speed."""
