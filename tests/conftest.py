"""The real servers that tests may ask for."""

from tests.support.influxdb import influxdb, own_influxdb
from tests.support.mosquitto import mosquitto, start_mosquitto

__all__ = ["influxdb", "mosquitto", "own_influxdb", "start_mosquitto"]
