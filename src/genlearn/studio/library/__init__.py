"""What lies in the folders that the studio was given: runs, comparisons, data."""
