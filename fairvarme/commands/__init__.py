"""One module per command: options and help on top, the work imported inside."""
