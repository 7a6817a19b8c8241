"""Who may ask for what. Nothing is answered before it is known who asks: the `wall` stands before
all routes, and denies what it was not told to let through."""
