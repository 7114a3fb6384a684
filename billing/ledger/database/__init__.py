"""The ledger's tables: how rows are written, sealed and read."""
