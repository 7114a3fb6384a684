"""Metered use in a period, by home and tenancy."""
