"""Copies of a whole installation while it runs, and an empty machine made into it again."""
