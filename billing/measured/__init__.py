"""Measured data of a period, by home and tenancy."""
