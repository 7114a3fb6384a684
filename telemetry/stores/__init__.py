"""The time-series stores behind one interface."""
