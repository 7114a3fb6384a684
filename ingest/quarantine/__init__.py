"""What no reading could be made of, kept with its reason until it can."""
