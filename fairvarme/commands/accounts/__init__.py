"""Bills, and what becomes of them."""
