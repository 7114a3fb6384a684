"""Jumps of heat: how far the days of a home are off what is expected, and what is likely of it."""
