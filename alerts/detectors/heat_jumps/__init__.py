"""Jumps of heat: how far a home's days deviate from what is expected, and how likely a jump is."""
