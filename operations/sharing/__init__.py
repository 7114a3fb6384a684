"""What the threads of a process share: open stores, and computed results."""
