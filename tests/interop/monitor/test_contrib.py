"""What contrib/ ships, shown to the programs that it is for."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlencode

import pytest

from guestwire.monitor.catalogue import METRICS
from guestwire.monitor.rules.parser import parse, selectors

from .conftest import free_port, get_json, program, running, until

CONTRIB = Path(__file__).parents[3] / "contrib"
RULES = CONTRIB / "prometheus" / "guestwire.rules.yml"
DASHBOARD = json.loads((CONTRIB / "grafana" / "guestwire.json").read_text())
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


@pytest.mark.parametrize(
    ("what", "file"), [("rules", RULES), ("config", CONTRIB / "prometheus" / "prometheus.yml")]
)
def test_promtool_accepts(what, file):
    promtool = program("promtool", "prometheus")
    done = subprocess.run([promtool, "check", what, file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_asks_for_metrics_there_are():
    for expression in EXPRESSIONS:
        names = re.findall(r"\b(?:node|guestwire)_[a-zA-Z0-9_]+", expression)
        assert names
        assert set(names) <= set(METRICS)


def test_panels_do_not_overlap():
    seen = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & seen
        assert all(x < 24 for x, _ in cells)
        seen |= cells


def test_prometheus_evaluates_the_dashboard_and_loads_the_rules(tmp_path):
    binary, port = program("prometheus", "prometheus"), free_port()
    shutil.copy(RULES, tmp_path / "rules.yml")
    config = tmp_path / "prometheus.yml"
    config.write_text("rule_files: [rules.yml]\n")
    url = f"http://127.0.0.1:{port}"
    flags = [
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp_path}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with running([binary, *flags], f"{url}/-/ready"):
        for expression in EXPRESSIONS:
            asked = expression.replace("$__rate_interval", "5m").replace("$guest", "web")
            answer = get_json(f"{url}/api/v1/query?{urlencode({'query': asked})}")
            assert answer["status"] == "success"
        (group,) = until(lambda: get_json(f"{url}/api/v1/rules")["data"]["groups"])
    assert len(group["rules"]) >= 15


def test_rules_are_ours_too():
    for expression in re.findall(r"expr: \|\n((?: {10}.*\n)+)", RULES.read_text()):
        assert selectors(parse(expression))
