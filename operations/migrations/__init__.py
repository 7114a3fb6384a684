"""Migrations of the relational database, run by `operations.database.migrate`."""
