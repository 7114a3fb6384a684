"""Readings in and out of files."""
