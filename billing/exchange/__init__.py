"""Data exchange with other systems: tables, profiles of their files, and records."""
