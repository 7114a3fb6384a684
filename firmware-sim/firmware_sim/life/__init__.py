"""People, and what they do in their homes."""
