"""What people are told of alerts: short, longer, and on paper."""
