"""Ground floor: what there is. Buildings, flats, tenancies, devices, quantities, findings."""
