"""Contents of monthly reports that are required by law."""
