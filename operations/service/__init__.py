"""Runs everything on one machine in one process tree: permanent parts, and scheduled jobs."""
