"""Approved bills for good: postings, states, corrections, and the chain over all of them."""
