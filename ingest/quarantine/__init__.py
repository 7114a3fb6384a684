"""Quarantine: messages that could not become readings, kept with the reason."""
