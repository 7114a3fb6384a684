"""The demo: everything on simulated boxes."""
