"""Which readings are valid, and of which device."""
