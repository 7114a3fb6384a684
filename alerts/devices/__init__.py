"""Devices that staff should check: silent ones, and those whose values suggest a fault."""
