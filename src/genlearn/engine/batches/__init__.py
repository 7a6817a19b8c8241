"""What a step learns from: which examples, and how they come to the device."""
