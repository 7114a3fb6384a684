"""What residents see and do; everything is cut to a home of theirs and its days."""
