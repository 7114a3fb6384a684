"""Messages about alerts: short, longer, and on paper."""
