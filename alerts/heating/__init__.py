"""Homes that are not heated, by their boxes and meters."""
