"""Prometheus metrics of a worker. No label identifies a device, home or person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client import Metric

    from ingest.watch.counts import Counts

PREFIX = "fairvarme_ingest"
COUNTERS = {
    "received": (
        "messages_received",
        "Messages received from the broker; redelivered ones count again.",
    ),
    "acknowledged": ("messages_acknowledged", "Messages acknowledged after the durable write."),
    "dropped_unpromised": ("messages_dropped", "QoS 0 messages dropped for lack of room."),
    "stored": ("readings_stored", "Readings written; redelivered ones count again."),
    "retries": ("write_retries", "Writes that failed because a store was unavailable."),
    "reconnects": ("reconnects", "Connections to the broker after the first one."),
    "sessions_lost": (
        "sessions_lost",
        "Connections at which the broker had forgotten the session.",
    ),
    "takeovers": ("takeovers", "Takeovers by another client with the worker's id."),
    "missed": ("messages_missed", "Messages delivered to another client with the worker's id."),
}
GAUGES = {
    "queued": ("messages_queued", "Messages waiting in memory."),
    "at_work": ("messages_at_work", "Messages taken from the queue and not yet acknowledged."),
    "devices_online": ("devices_online", "Devices whose last status is online."),
    "devices_offline": ("devices_offline", "Devices whose last status is offline."),
    "subscribed": ("subscribed", "Whether the broker has granted the subscriptions."),
}


@dataclass(frozen=True)
class WorkerCollector(Collector):
    """
    Collects the counts of a worker at each scrape.

    Attributes
    ----------
    counts : callable
        Returns the counts.
    parts_up : callable
        Returns, by name, whether each component that the worker needs is up.
    """

    counts: Callable[[], Counts]
    parts_up: Callable[[], Mapping[str, bool]]

    @override
    def collect(self) -> Iterator[Metric]:
        """Yield every metric with its current value."""
        counts = self.counts()
        for name, (suffix, text) in COUNTERS.items():
            yield CounterMetricFamily(f"{PREFIX}_{suffix}", text, value=getattr(counts, name))
        for name, (suffix, text) in GAUGES.items():
            yield GaugeMetricFamily(f"{PREFIX}_{suffix}", text, value=getattr(counts, name))
        yield _quarantined(counts)
        yield _newest(counts)
        yield SummaryMetricFamily(
            f"{PREFIX}_delay_seconds",
            "From the arrival of a message to its acknowledgement.",
            count_value=counts.kept,
            sum_value=counts.delay_ms / 1000,
        )
        up = GaugeMetricFamily(f"{PREFIX}_part_up", "Whether a component is up.", labels=["part"])
        for part, answers in self.parts_up().items():
            up.add_metric([part], answers)
        yield up


def _quarantined(counts: Counts) -> CounterMetricFamily:
    family = CounterMetricFamily(
        f"{PREFIX}_quarantined", "Quarantined items, by reason.", labels=["reason"]
    )
    # A counter that exists from the start shows its first increment.
    for reason in Reason:
        family.add_metric([str(reason)], counts.quarantined.get(str(reason), 0))
    return family


def _newest(counts: Counts) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        f"{PREFIX}_newest_reading_timestamp_seconds",
        "Device time of the newest reading stored since the start.",
        labels=["building"],
    )
    for building, time_ms in counts.newest_ms.items():
        family.add_metric([building], time_ms / 1000)
    return family
