"""The doctor: checks an installation, with remedies."""
