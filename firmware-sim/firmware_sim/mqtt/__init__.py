"""Simulated devices on a broker."""
