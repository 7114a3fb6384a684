"""What a worker serves about itself, as a monitor sees it."""

from __future__ import annotations

import json

import urllib3
from prometheus_client.parser import text_string_to_metric_families

READY, NOT_READY = 200, 503


class Endpoints:
    """What a worker serves on 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._pool = urllib3.PoolManager(retries=False)

    def get(self, path: str) -> tuple[int, str]:
        answer = self._pool.request("GET", self._url + path, timeout=10)
        return answer.status, answer.data.decode()

    def parts(self) -> dict[str, object]:
        parts: dict[str, object] = json.loads(self.get("/readyz")[1])
        return parts

    def metrics(self) -> dict[str, float]:
        """Return the samples by name, and label where there is one."""
        status, text = self.get("/metrics")
        assert status == READY
        return {
            " ".join([sample.name, *sample.labels.values()]): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def close(self) -> None:
        self._pool.clear()
