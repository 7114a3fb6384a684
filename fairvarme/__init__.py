"""Top floor: settings, command line, wiring, demo."""
