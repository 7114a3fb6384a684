"""Who may say what to the broker: names, credentials and the broker's access list."""
