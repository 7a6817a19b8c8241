"""Networks of distributions that are a product of conditionals."""
