"""Detects homes whose heating fails, by their boxes and meters."""
