"""One module per command: options and help at the top, imports inside the function."""
