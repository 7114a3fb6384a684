"""Backs up a whole installation while it runs, and restores it onto an empty machine."""
