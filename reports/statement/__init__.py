"""The heating statement."""
