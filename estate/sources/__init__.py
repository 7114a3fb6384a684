"""Sources of estates: one interface, implemented by folders and by the database."""
