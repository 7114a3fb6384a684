"""The statement of the heat account."""
