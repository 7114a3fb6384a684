"""Compares a home's month with earlier months and a similar home, and projects a year."""
