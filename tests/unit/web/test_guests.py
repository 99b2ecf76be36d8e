import pytest

from tests.unit.web.conftest import HOSTILE


async def get(client, path, **params):
    answer = await client.get(path, params=params)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_a_row_says_what_a_guest_does(client):
    told = await get(client, "/api/v1/guests")
    row = next(row for row in told["guests"] if row["name"] == "web1")
    assert (row["state"], row["up"], row["reason"], row["frozen"]) == ("running", True, None, False)
    assert (row["os"], row["kernel"], row["hostname"]) == (
        "Debian 12",
        "6.1",
        HOSTILE.replace("\u202e", "\ufffd"),
    )
    assert (row["cpus"], row["cpu_ratio"], row["load1"]) == (1, 0.25, 0.5)
    assert (row["memory_used_bytes"], row["memory_total_bytes"]) == (600, 1000)
    assert row["filesystem"] == {
        "mountpoint": "/",
        "used_ratio": 0.8889,
        "size_bytes": 1000,
        "available_bytes": 100,
    }
    assert (row["receive_bytes_per_second"], row["transmit_bytes_per_second"]) == (100, 50)
    assert (row["agent"], row["agent_version"], row["addresses"]) == ("guestwire", "1.0", ["10.0.0.5"])
    assert row["users"] == 2
    assert row["uptime_seconds"] > 0
    assert row["sparks"]["cpu"][-2] == 0.25
    assert len(row["sparks"]["network"]) == 30


async def test_what_is_not_known_is_null_with_its_reason(client):
    rows = {row["id"]: row for row in (await get(client, "/api/v1/guests"))["guests"]}
    assert (rows["u-2"]["up"], rows["u-2"]["reason"]) == (False, "silent")
    assert rows["u-2"]["cpu_ratio"] is rows["u-2"]["memory_used_bytes"] is rows["u-2"]["filesystem"] is None
    assert (rows["u-3"]["state"], rows["u-3"]["up"], rows["u-3"]["reason"]) == ("off", None, "off")
    assert rows["u-3"]["name"] == HOSTILE


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"q": "DEBIAN"}, ["web1"]),
        ({"q": "10.0.0"}, ["web1"]),
        ({"state": "down"}, ["db1"]),
        ({"state": "up"}, ["web1"]),
        ({"state": "off"}, [HOSTILE]),
        ({"alert": "critical"}, []),
        ({"label": "env=prod"}, []),
        ({"sort": "name"}, [HOSTILE, "db1", "web1"]),
        ({"sort": "-name"}, ["web1", "db1", HOSTILE]),
        ({"sort": "-cpu"}, ["web1", HOSTILE, "db1"]),
        ({"sort": "memory"}, ["web1", HOSTILE, "db1"]),
    ],
)
async def test_guests_are_found_and_sorted(client, params, names):
    told = await get(client, "/api/v1/guests", **params)
    assert [row["name"] for row in told["guests"]] == names
    assert told["total"] == len(names)


async def test_a_list_comes_in_pages(client):
    first = await get(client, "/api/v1/guests", limit="2", sparks="false")
    assert (len(first["guests"]), first["total"]) == (2, 3)
    assert first["guests"][0]["sparks"] is None
    second = await get(client, "/api/v1/guests", limit="2", cursor=first["next"])
    assert len(second["guests"]) == 1
    assert second["next"] is None


async def test_a_guest_s_page(client):
    page = await get(client, "/api/v1/guests/web1")
    (fs,) = page["filesystems"]
    assert (fs["used_ratio"], fs["inodes_used_ratio"], fs["read_only"]) == (0.8889, 0.25, False)
    assert page["disks"][0]["read_bytes_per_second"] == 512
    eth0 = next(one for one in page["interfaces"] if one["name"] == "eth0")
    assert (eth0["mac"], eth0["receive_bytes_per_second"]) == ("52:54:00:00:00:01", 100)
    assert eth0["addresses"] == [{"address": "10.0.0.5", "prefix": 24, "family": "ipv4"}]
    assert page["unknown"][0]["reason"] == "no-command"
    assert page["sources"][0]["metric"] == "node_load1"


async def test_a_silent_guest_has_a_page_too(client):
    page = await get(client, "/api/v1/guests/u-2")
    assert page["guest"]["reason"] == "silent"
    assert page["filesystems"] == page["disks"] == page["interfaces"] == []


async def test_a_guest_that_is_not_watched(client):
    answer = await client.get("/api/v1/guests/nobody")
    assert answer.status == 404
    assert answer.content_type == "application/problem+json"
    assert (await answer.json())["detail"] == "no guest 'nobody' is watched"


async def test_two_guests_of_one_name(client, site):
    site.poller.watchers[1].target = site.poller.watchers[1].target.__class__("u-2", "web1", "unix:/x")
    assert (await client.get("/api/v1/guests/web1")).status == 409
    assert (await client.get("/api/v1/guests/u-1")).status == 200
