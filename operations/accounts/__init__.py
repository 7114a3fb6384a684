"""What accountants do before a bill is approved: enter costs, and preview the bill."""
