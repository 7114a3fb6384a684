"""Numbers with units, and the dated tables that hold them."""
