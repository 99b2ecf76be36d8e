"""`/sd`: the guests as targets, for Prometheus' http_sd."""

from __future__ import annotations

import json
from collections.abc import Iterable


def targets(guests: Iterable[tuple[str, str]], address: str) -> str:
    """JSON for http_sd: guests as (identity, name), each scraped through guestwire at `address` (HOST:PORT).

    `instance` is the guest's name, so that node_exporter's dashboards list guests by name. Prometheus
    quotes the path itself, all but a slash: a guest with one in its name goes by its identity.
    """
    groups = [
        {
            "targets": [address],
            "labels": {
                "__metrics_path__": f"/guests/{identity if '/' in name else name}/metrics",
                "guest": name,
                "instance": name,
                "guest_id": identity,
            },
        }
        for identity, name in sorted(guests, key=lambda pair: pair[1])
    ]
    return json.dumps(groups, ensure_ascii=False)
