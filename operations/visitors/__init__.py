"""Visitors' roles, and which homes are theirs. Pure."""
