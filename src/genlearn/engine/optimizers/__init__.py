"""How gradients move weights."""
