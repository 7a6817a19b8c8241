"""What figures are made of beside the reader's data."""
