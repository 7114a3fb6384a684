"""Upgrades: what a newer program changes in the stores of an installation."""
