"""One module for each step of the history, in the order of their numbers."""
