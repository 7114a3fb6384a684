"""The time-series store: one interface, SQLite and InfluxDB behind it, arrays out of it."""
