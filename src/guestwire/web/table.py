"""The route table: every path that the daemon answers."""

from __future__ import annotations

from guestwire.web import alerts, events, guests, history, host, metrics, series, session, shapes
from guestwire.web.openapi import document
from guestwire.web.roles import Role
from guestwire.web.routes import Route

V1 = "/api/v1"
GUEST = f"{V1}/guests/{{guest}}"
_TEXT = "text/plain"

ROUTES = (
    Route("GET", "/healthz", metrics.healthz, role=None, media=_TEXT, tag="daemon"),
    Route("GET", "/readyz", metrics.readyz, role=None, media=_TEXT, tag="daemon"),
    Route("GET", "/metrics", metrics.metrics, media=_TEXT, tag="export"),
    Route("GET", "/sd", metrics.service_discovery, tag="export"),
    Route("GET", "/guests/{guest}/metrics", metrics.guest_metrics, media=_TEXT, tag="export"),
    Route("GET", f"{V1}/session", session.session, role=None, answers=session.SessionState, tag="session"),
    Route(
        "POST",
        f"{V1}/session",
        session.log_in,
        role=None,
        body=session.NewSession,
        answers=session.SessionState,
        tag="session",
    ),
    Route("DELETE", f"{V1}/session", session.log_out, role=None, status=204, tag="session"),
    Route("GET", f"{V1}/openapi.json", document, role=None, tag="daemon"),
    Route("GET", f"{V1}/guests", guests.guests, query=guests.GuestsQuery, answers=shapes.GuestsPage),
    Route("GET", GUEST, guests.guest, answers=shapes.GuestPage),
    Route("GET", f"{V1}/charts", history.charts, answers=history.ChartList, tag="history"),
    Route("GET", f"{GUEST}/range", history.range_of, query=history.RangeQuery, answers=history.Range, tag="history"),
    Route("GET", f"{GUEST}/series", series.series, query=series.SeriesQuery, answers=series.SeriesPage, tag="history"),
    Route("GET", f"{GUEST}/query", series.query, query=series.BucketsQuery, answers=series.BucketsFound, tag="history"),
    Route("GET", f"{V1}/alerts", alerts.alerts, query=alerts.AlertsQuery, answers=alerts.AlertsPage, tag="alerts"),
    Route("GET", f"{V1}/rules", alerts.rules, answers=alerts.RuleList, tag="alerts"),
    Route("GET", f"{V1}/silences", alerts.silences, answers=alerts.SilenceList, tag="alerts"),
    Route(
        "POST",
        f"{V1}/silences",
        alerts.add_silence,
        role=Role.OPERATOR,
        body=alerts.NewSilence,
        answers=alerts.SilenceShape,
        status=201,
        tag="alerts",
    ),
    Route(
        "DELETE", f"{V1}/silences/{{silence}}", alerts.end_silence, role=Role.OPERATOR, status=204, tag="alerts"
    ),
    Route("GET", f"{V1}/host", host.host, answers=host.Host, tag="daemon"),
    Route(
        "GET", f"{V1}/events", events.events, query=events.EventsQuery, media="text/event-stream", tag="live"
    ),
)  # fmt: skip
