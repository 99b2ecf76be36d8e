"""Prometheus' remote write, version 1: polls as compressed requests for Prometheus, VictoriaMetrics or Mimir."""

from __future__ import annotations

from guestwire.monitor.export import protobuf, snappy
from guestwire.monitor.samples import Poll, Sample, usable

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_HEADS_LIMIT = 200_000


class Batch:
    """Samples gathered until `take` makes a request of them; labels are encoded once for each series."""

    def __init__(self, job: str = "guestwire") -> None:
        self._job = job
        self._heads: dict[tuple[str, str, tuple[tuple[str, str], ...]], bytes] = {}
        self._parts: list[bytes] = []

    def __len__(self) -> int:
        return len(self._parts)

    def add(self, poll: Poll, guest: str) -> None:
        """All samples of a poll of the guest with that name."""
        at = round(poll.at * 1000)
        for sample in poll.samples:
            if usable(sample.value):
                self._parts.append(protobuf.series(self._head(guest, sample), sample.value, at))

    def take(self) -> bytes:
        """The request, and a new beginning."""
        data, self._parts = b"".join(self._parts), []
        return snappy.compress(data)

    def _head(self, guest: str, sample: Sample) -> bytes:
        key = guest, sample.name, sample.labels
        head = self._heads.get(key)
        if head is None:
            if len(self._heads) >= _HEADS_LIMIT:
                self._heads.clear()
            own = {**dict(sample.labels), "guest": guest, "instance": guest, "job": self._job}
            head = self._heads[key] = protobuf.labels(sample.name, own.items())
        return head
