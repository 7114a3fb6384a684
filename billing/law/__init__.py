"""Legal checks of a bill: rules as a dated table, by country."""
