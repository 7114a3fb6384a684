"""Commands about those who log in."""
