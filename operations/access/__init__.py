"""Access control: roles, log-ins, tokens, and the record of who looked."""
