"""What residents see of their home."""
