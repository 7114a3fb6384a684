"""Everything of one machine in one process tree: what runs for good, and what runs at its times."""
