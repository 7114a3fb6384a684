"""The top layer: command line, demo, doctor."""
