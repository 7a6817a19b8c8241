"""One comparison by several processes, on any machines."""
