"""What is shown of clusters and of probes."""
