"""Alerts of an installation: checked, recorded, told, answered."""
