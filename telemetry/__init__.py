"""Time series: a store interface with SQLite and InfluxDB behind it, read as arrays."""

__all__: list[str] = ["plausibility", "readings", "readings_file", "series", "stores"]
