"""Trees of files, in folders and archives, and which of them make a split or a class."""
