"""Readings: from devices and files into the store, and what became of them."""
