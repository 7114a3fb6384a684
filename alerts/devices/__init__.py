"""Devices that staff should look at: silent ones, and those whose values tell of a fault."""
