"""A home's month beside others: earlier months, a like home, and a year like it."""
