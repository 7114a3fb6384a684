"""Broker clients: names, credentials and the access list."""
