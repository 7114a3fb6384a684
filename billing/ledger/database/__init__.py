"""The ledger in its tables: how rows are written, sealed and read."""
