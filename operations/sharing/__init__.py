"""What the threads of one process share: open stores, and what was computed."""
