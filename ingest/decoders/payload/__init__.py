"""What the decoders share: names, numbers, times, units, outcomes."""
