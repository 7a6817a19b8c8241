"""The mathematics, as pure functions on tensors: no networks, no data, no state."""
