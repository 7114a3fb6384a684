"""Residents' wishes: language, channels, addresses, a goal; and the faults they report."""
