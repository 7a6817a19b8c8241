"""The training loop, precision, averages of weights, checkpoints and resuming. Knows no family of
models."""
