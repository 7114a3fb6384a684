"""The real servers that tests may ask for."""

from tests.support.influxdb import influxdb, own_influxdb

__all__ = ["influxdb", "own_influxdb"]
