"""What is to be sent: kept until a channel has taken it, at least once, under one id."""
