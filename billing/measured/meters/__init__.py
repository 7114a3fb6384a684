"""What meters counted in a period, by home and tenancy."""
