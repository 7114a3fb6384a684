"""Hourly checks for urgent dangers, from what a daily run kept and the readings since."""
