"""`/sd`: the guests as targets, for Prometheus' http_sd."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote


def targets(guests: Iterable[tuple[str, str]], address: str) -> str:
    """JSON for http_sd: guests as (identity, name), each scraped through guestwire at `address` (HOST:PORT).

    `instance` is the guest's name, so that node_exporter's dashboards list guests by name.
    """
    groups = [
        {
            "targets": [address],
            "labels": {
                "__metrics_path__": f"/guests/{quote(name, safe='')}/metrics",
                "guest": name,
                "instance": name,
                "guest_id": identity,
            },
        }
        for identity, name in sorted(guests, key=lambda pair: pair[1])
    ]
    return json.dumps(groups, ensure_ascii=False)
