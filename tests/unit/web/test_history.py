import time
from typing import get_args

from guestwire.web.charts import CHARTS
from guestwire.web.history import ChartName


def test_the_document_names_every_chart():
    assert get_args(ChartName) == tuple(CHARTS)


async def test_charts_share_one_grid(client):
    answer = await client.get(
        "/api/v1/guests/web1/range?chart=cpu&chart=memory&chart=filesystems&chart=pressure"
    )
    told = await answer.json()
    assert answer.status == 200
    cpu = {track["name"]: track["values"] for track in told["charts"]["cpu"]["series"]}
    assert set(cpu) == {"user"}
    assert len(cpu["user"]) == len(told["times"])
    known = [value for value in cpu["user"] if value is not None]
    assert known[1:] == [0.25] * (len(known) - 1)
    memory = {track["name"]: track["values"][-2] for track in told["charts"]["memory"]["series"]}
    assert (memory["used"], memory["free"], memory["cached"]) == (600, 300, 100)
    (fs,) = told["charts"]["filesystems"]["series"]
    assert (fs["name"], round(fs["values"][-2], 4)) == ("/", 0.8889)
    assert told["charts"]["pressure"] == {
        "unit": "ratio",
        "stacked": False,
        "series": [],
        "reason": "no-command",
    }


async def test_gaps_stay_gaps_and_say_why(client):
    told = await (await client.get("/api/v1/guests/db1/range?chart=load")).json()
    assert told["charts"]["load"]["reason"] == "silent"
    assert [gap["reason"] for gap in told["gaps"]] == ["silent"]
    now = time.time()
    early = await (
        await client.get(f"/api/v1/guests/web1/range?chart=cpu&start={now - 9000}&end={now - 6000}")
    ).json()
    assert early["charts"]["cpu"]["series"] == []


async def test_a_span_that_ends_before_it_starts(client):
    answer = await client.get("/api/v1/guests/web1/range?start=20&end=10")
    assert answer.status == 400
    assert (await answer.json())["where"] == "start"


async def test_a_long_span_is_read_in_wide_steps(client):
    now = time.time()
    told = await (
        await client.get(f"/api/v1/guests/web1/range?chart=load&start={now - 86400}&end={now}")
    ).json()
    assert told["step"] == 300
    assert len(told["times"]) <= 290


async def test_the_charts_are_listed(client):
    told = await (await client.get("/api/v1/charts")).json()
    assert [chart["name"] for chart in told["charts"]] == list(CHARTS)
