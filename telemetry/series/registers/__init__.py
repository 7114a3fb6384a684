"""Cumulative registers: breaks, foreign readings, running sums."""
