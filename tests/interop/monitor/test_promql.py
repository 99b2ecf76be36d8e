"""Our expressions against Prometheus's own engine: promtool evaluates the same series and must get our values."""

import json
import random
import shutil
import subprocess

import pytest

from guestwire.monitor.rules.evaluate import evaluate
from guestwire.monitor.rules.load import DEFAULT_RULES, load_rules
from guestwire.monitor.rules.nodes import all_match
from guestwire.monitor.rules.parser import parse
from guestwire.monitor.samples import labels_of

pytestmark = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)"
)

STEP, COUNT, AT = 10.0, 400, 3603.0  # between two samples: versions differ on a window's left edge
EXPRESSIONS = """
rate(c_total[5m])
increase(c_total[17m])
irate(c_total[1m])
delta(g[10m])
deriv(g[30m])
predict_linear(g[20m], 4 * 3600)
avg_over_time(g[5m]) / max_over_time(g[5m])
min_over_time(g[5m]) - sum_over_time(g[1m])
count_over_time(g{device="vda"}[5m]) + last_over_time(g[1m])
changes(slow[50m]) + resets(slow[50m])
g offset 7m
rate(c_total[5m] offset 20m)
sum without (device) (rate(c_total[5m]))
avg by (device) (g) > 10
count(g) + max(g) - min(g)
g > bool 50
-g ^ 2 % 7
g and on (device) slow
g unless on (device) slow
slow or g
g / on (device) slow
abs(0 - g) < 60 or g * 0
clamp_max(clamp_min(g, 20), 60)
time() - g
1 - g > -50
sum(g) / sum(slow)
short_total
rate(short_total[10m])
""".strip().splitlines()


def series():
    """Name, labels and values; None where a sample is missing."""
    rng = random.Random(7)
    for device in ("vda", "vdb", "vdc"):
        total, values = rng.randrange(1000), []
        for _ in range(COUNT):
            total = rng.randrange(50) if rng.random() < 0.02 else total + rng.randrange(1000)
            values.append(None if rng.random() < 0.05 else total)
        yield "c_total", labels_of(device=device), values
        yield "g", labels_of(device=device), [round(rng.uniform(0, 100), 2) for _ in range(COUNT)]
    for device in ("vda", "vdb"):
        yield "slow", labels_of(device=device), [float(i // 40 + 3) for i in range(COUNT)]
    yield "short_total", (), [None] * 330 + [float(i * 3) for i in range(COUNT - 330)]


class Memory:
    def __init__(self, found):
        self.found = [
            (name, labels, [(i * STEP, v) for i, v in enumerate(values) if v is not None])
            for name, labels, values in found
        ]

    def window(self, selector, start, end):
        for name, labels, pairs in self.found:
            part = [pair for pair in pairs if start < pair[0] <= end]
            if name == selector.name and part and all_match(selector.matchers, labels):
                yield labels, [t for t, _ in part], [v for _, v in part]

    def instant(self, selector, at):
        return {labels: values[-1] for labels, _, values in self.window(selector, at - 300, at)}


def spelled(name, labels):
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels) + "}"


def asked(expression, value):
    return {"expr": expression, "eval_time": "1h3s", "exp_samples": [{"labels": "{}", "value": value}]}


def close(expression, labels, value):
    """An expression that counts 1 if Prometheus has our value, to nine digits, for these labels."""
    bound = max(1e-9, abs(value) * 1e-9)
    picked = f"sum by (device) ({expression})"
    if labels:
        device = dict(labels)["device"]
        picked += f' and on (device) label_replace(vector(1), "device", "{device}", "", "")'
    return f"count(abs(({picked}) - ({value!r})) <= {bound!r})"


def test_the_same_values_as_prometheus(tmp_path):
    found = list(series())
    tests = []
    for expression in EXPRESSIONS:
        vector = evaluate(parse(expression), Memory(found), AT)
        tests.append(asked(f"count({expression}) or vector(0)", len(vector)))
        tests += [asked(close(expression, labels, value), 1) for labels, value in vector.items()]
    inputs = [
        {"series": spelled(name, labels), "values": " ".join("_" if v is None else repr(v) for v in values)}
        for name, labels, values in found
    ]
    test = {"interval": "10s", "input_series": inputs, "promql_expr_test": tests}
    path = tmp_path / "tests.yml"
    path.write_text(json.dumps({"rule_files": [], "evaluation_interval": "10s", "tests": [test]}))
    done = subprocess.run(
        ["promtool", "test", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_default_rules_are_promql(tmp_path):
    rules = [
        {
            "alert": rule.name,
            "expr": rule.expr,
            "for": f"{rule.hold:.0f}s",
            "labels": {"severity": rule.severity},
        }
        for rule in load_rules(DEFAULT_RULES).values()
    ]
    path = tmp_path / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "guestwire", "rules": rules}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
