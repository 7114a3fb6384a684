"""What residents wish: language, channels, addresses, a goal; and faults that they report."""
