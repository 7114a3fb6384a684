"""The history of the relational database, run by `fairvarme.database.migrate`."""
