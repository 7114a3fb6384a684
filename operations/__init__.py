"""What fairvarme does, one function per use case; commands and pages call these."""
