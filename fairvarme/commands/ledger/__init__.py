"""Commands of the ledger: runs, payments, recompute."""
