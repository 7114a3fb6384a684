"""Correspondence with residents: texts, phrases, addresses, contacts."""
