"""What there is, whether it is well, and a demonstration of it."""
