"""The permanent record of approved bills: postings, states, corrections and their hash chain."""
