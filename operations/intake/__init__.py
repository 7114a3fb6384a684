"""The worker, its health, and quarantined messages tried again."""
