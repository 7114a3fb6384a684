"""Who may see what: roles, log-ins, tokens, and the record of who looked."""
