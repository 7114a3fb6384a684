"""Privacy in force: retention of every store, erasure, access requests, and the papers about it."""
