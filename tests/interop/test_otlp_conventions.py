"""What is pushed by OTLP, read by OpenTelemetry's own definitions: the request's form, names and units."""

from __future__ import annotations

import re

import pytest

pytest.importorskip(
    "opentelemetry.proto", reason="needs Python 3.11: the host side's tools are not installed"
)

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.semconv._incubating.metrics import system_metrics

from guestwire.monitor.export.otlp import NAMES, request
from guestwire.monitor.samples import labels_of

OF_THE_COLLECTOR = re.compile(
    r"system\.cpu\.load_average\.(1|5|15)m"
)  # its hostmetrics receiver's, not in the conventions
LABELS = {"cpu": "3", "mode": "irq", "device": "vda1", "fstype": "ext4", "mountpoint": "/"}


def everything() -> ExportMetricsServiceRequest:
    """A guest with one sample of each metric that is pushed."""
    latest = {(name, labels_of(**LABELS)): (5000, float(i)) for i, name in enumerate(NAMES)}
    latest["node_boot_time_seconds", ()] = (5000, 1.0)
    return Parse(request([("uuid", "web", latest, 0)]), ExportMetricsServiceRequest())


def test_it_is_a_request_with_no_member_that_is_unknown() -> None:
    (resource,) = everything().resource_metrics
    told = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert told == {"host.name": "web", "host.id": "uuid", "service.name": "guestwire"}
    (scope,) = resource.scope_metrics
    assert {metric.name for metric in scope.metrics} == {mapped.name for mapped in NAMES.values()}
    assert sum(len(metric.sum.data_points or metric.gauge.data_points) for metric in scope.metrics) == len(
        NAMES
    )


def test_counters_are_monotonic_and_cumulative_from_the_boot_on() -> None:
    for metric in everything().resource_metrics[0].scope_metrics[0].metrics:
        counter = next(mapped.counter for mapped in NAMES.values() if mapped.name == metric.name)
        if metric.WhichOneof("data") == "gauge":
            assert not counter
            continue
        assert metric.sum.is_monotonic == counter
        assert metric.sum.aggregation_temporality == 2
        for point in metric.sum.data_points:
            assert point.start_time_unix_nano == (10**9 if counter else 0)


def test_attributes_have_the_conventions_types() -> None:
    metrics = {each.name: each for each in everything().resource_metrics[0].scope_metrics[0].metrics}
    (point,) = metrics["system.cpu.time"].sum.data_points
    told = {each.key: each.value for each in point.attributes}
    assert told["cpu.logical_number"].int_value == 3
    assert told["cpu.mode"].string_value == "interrupt"


@pytest.mark.parametrize("name", sorted({mapped.name for mapped in NAMES.values()}))
def test_the_name_and_unit_are_the_conventions(name: str) -> None:
    if OF_THE_COLLECTOR.fullmatch(name):
        return
    known = {value for key, value in vars(system_metrics).items() if key.isupper() and isinstance(value, str)}
    assert name in known
    make = getattr(system_metrics, "create_" + name.replace(".", "_"))
    meter = _Meter()
    make(meter)
    (mapped, *_) = [each for each in NAMES.values() if each.name == name]
    assert (mapped.unit, mapped.counter, mapped.additive) == (
        meter.unit,
        meter.kind == "counter",
        meter.kind != "gauge",
    )


class _Meter:
    """Notes what it is asked to make."""

    unit = kind = ""

    def create_counter(self, name: str, unit: str = "", description: str = "") -> None:
        self.unit, self.kind = unit, "counter"

    def create_up_down_counter(self, name: str, unit: str = "", description: str = "") -> None:
        self.unit, self.kind = unit, "up-down-counter"

    def create_gauge(self, name: str, unit: str = "", description: str = "") -> None:
        self.unit, self.kind = unit, "gauge"
