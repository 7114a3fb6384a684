"""What people are written: texts, phrases, addresses, contacts."""
