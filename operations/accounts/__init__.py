"""What accountants do before a bill is approved: costs in, and a look at what it will say."""
