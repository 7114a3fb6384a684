"""What an installation remembers of its sealed months beside their files."""
