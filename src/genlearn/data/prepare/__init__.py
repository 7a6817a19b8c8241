"""From a source to a prepared data set on the disk."""
