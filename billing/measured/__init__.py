"""What meters and boxes tell of a period, by home and tenancy."""
