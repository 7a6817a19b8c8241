"""Networks: tensors in, tensors out. No loss, no data."""
