"""What a data set looks like, before anything is learned."""
