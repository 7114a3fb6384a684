"""Time series: a store interface with SQLite and InfluxDB behind it, read as arrays."""
