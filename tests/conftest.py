"""The real servers that tests may ask for, and how long a generated case may take: any time."""

from hypothesis import settings

from tests.support.influxdb import influxdb, own_influxdb
from tests.support.mosquitto import mosquitto, start_mosquitto
from tests.support.postgresql import database_url, own_postgresql, postgresql

__all__ = [
    "database_url",
    "influxdb",
    "mosquitto",
    "own_influxdb",
    "own_postgresql",
    "postgresql",
    "start_mosquitto",
]

# A busy machine is no fault of the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
