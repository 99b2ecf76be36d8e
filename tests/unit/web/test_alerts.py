import time

import pytest


async def fire(site):
    """Two minutes and more pass, so that AgentSilent fires."""
    now = time.time()
    for later in range(0, 200, 30):
        for _ in site.monitor.engine.run(now + later):
            pass


async def test_alerts_firing_first(client, site):
    await fire(site)
    told = await (await client.get("/api/v1/alerts")).json()
    assert ("FilesystemAlmostFull" in {alert["rule"] for alert in told["alerts"]}) or told["total"]
    alert = next(alert for alert in told["alerts"] if alert["guest"] == "db1")
    assert (alert["rule"], alert["guest_id"], alert["silenced_by"]) == ("AgentSilent", "u-2", [])
    only = await (await client.get("/api/v1/alerts?guest=db1&severity=critical")).json()
    assert {alert["guest_id"] for alert in only["alerts"]} == {"u-2"}


async def test_what_fired_and_ended_is_kept(client, site):
    await fire(site)
    site.monitor.engine.forget("u-2", time.time())
    await site.monitor.judge()
    first = await (await client.get("/api/v1/alerts/history?guest=db1&limit=1")).json()
    assert [(one["state"], one["guest"], one["guest_id"]) for one in first["history"]] == [
        ("resolved", "db1", "u-2")
    ]
    rest = await (await client.get(f"/api/v1/alerts/history?guest=db1&limit=1&cursor={first['next']}")).json()
    assert [(one["state"], one["rule"]) for one in rest["history"]] == [("firing", "AgentSilent")]
    assert (await client.get("/api/v1/alerts/history?start=5&end=5")).status == 400
    assert rest["next"] is None
    none = await (await client.get("/api/v1/alerts/history?rule=Nothing&start=5&end=6")).json()
    assert none == {"history": [], "next": None}


async def test_a_silence_is_kept_and_ended(client, site):
    await fire(site)
    asked = {
        "matchers": [{"label": "guest", "op": "=~", "value": "db.*"}],
        "duration_seconds": 60,
        "comment": "x",
    }
    answer = await client.post("/api/v1/silences", json=asked)
    made = await answer.json()
    assert (answer.status, made["active"]) == (201, True)
    alert = (await (await client.get("/api/v1/alerts?guest=db1")).json())["alerts"][0]
    assert alert["silenced_by"] == [made["id"]]
    listed = (await (await client.get("/api/v1/silences")).json())["silences"]
    assert [one["id"] for one in listed] == [made["id"]]
    assert (await client.delete(f"/api/v1/silences/{made['id']}")).status == 204
    assert (await client.delete(f"/api/v1/silences/{made['id']}")).status == 404
    assert (await (await client.get("/api/v1/silences")).json())["silences"] == []


MATCH = [{"label": "guest", "op": "=", "value": "x"}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"matchers": [], "duration_seconds": 5}, 422),
        ({"matchers": MATCH}, 422),
        ({"matchers": MATCH, "duration_seconds": 5, "ends": 9e9}, 422),
        ({"matchers": MATCH, "ends": 5}, 422),
        ({"matchers": MATCH, "duration_seconds": 5, "author": "me"}, 422),
        ({"matchers": [{"label": "guest", "op": "=~", "value": "("}], "duration_seconds": 5}, 422),
        ({"matchers": [{"label": "a b", "op": "=", "value": "x"}], "duration_seconds": 5}, 422),
    ],
)
async def test_a_silence_that_makes_no_sense(client, body, status):
    answer = await client.post("/api/v1/silences", json=body)
    assert answer.status == status
    assert (await answer.json())["detail"]


async def test_bodies_are_json_and_short(client):
    assert (await client.post("/api/v1/silences", data="x")).status == 415
    json_type = {"Content-Type": "application/json"}
    assert (await client.post("/api/v1/silences", data="{", headers=json_type)).status == 400
    assert (await client.post("/api/v1/silences", data=" " * 70000, headers=json_type)).status == 413


async def test_the_rules(client):
    told = await (await client.get("/api/v1/rules")).json()
    assert "AgentSilent" in {rule["name"] for rule in told["rules"]}
