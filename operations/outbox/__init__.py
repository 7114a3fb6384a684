"""Messages to be sent, and their delivery status."""
