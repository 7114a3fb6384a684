"""The bottom layer: buildings, flats, tenancies, devices, quantities, findings."""
