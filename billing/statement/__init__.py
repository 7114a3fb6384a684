"""Explanations on a statement, beyond its amounts."""
