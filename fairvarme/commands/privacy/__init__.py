"""For whoever answers the data-protection officer."""
