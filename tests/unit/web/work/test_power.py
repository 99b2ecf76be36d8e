import time

import pytest

GUEST = "/api/v1/guests/web1"


@pytest.mark.parametrize("mode", ["powerdown", "reboot", "halt"])
async def test_a_guest_is_shut_down_when_its_name_is_given(client, fake, mode):
    fake.answers["guest-shutdown"] = None
    answer = await client.post(f"{GUEST}/actions/shutdown", json={"confirm": "web1", "mode": mode})
    assert (answer.status, await answer.json()) == (202, {"asked": True})
    assert ("guest-shutdown", {"mode": mode}) in fake.calls


@pytest.mark.parametrize("mode", ["ram", "disk", "hybrid"])
async def test_a_guest_is_suspended(client, fake, mode):
    fake.answers[f"guest-suspend-{mode}"] = None
    answer = await client.post(f"{GUEST}/actions/suspend", json={"confirm": "web1", "mode": mode})
    assert answer.status == 202
    assert (f"guest-suspend-{mode}", {}) in fake.calls


@pytest.mark.parametrize("action", ["shutdown", "suspend"])
async def test_the_name_must_be_the_guest_s(client, fake, action):
    answer = await client.post(f"{GUEST}/actions/{action}", json={"confirm": "db1"})
    assert (answer.status, (await answer.json())["where"]) == (422, "confirm")
    assert fake.calls == []


async def test_operators_do_not_switch_off(client):
    headers = {"X-Forwarded-For": "10.0.0.9"}
    answer = await client.post(f"{GUEST}/actions/shutdown", json={"confirm": "web1"}, headers=headers)
    assert answer.status == 403


async def test_the_clock_is_set_to_the_host_s_or_another(client, fake):
    clock = {"offset": 5.0}

    def set_time(arguments):
        clock["offset"] = arguments["time"] / 1e9 - time.time()

    fake.answers["guest-set-time"] = set_time
    fake.answers["guest-get-time"] = lambda _: round((time.time() + clock["offset"]) * 1e9)
    told = await (await client.post(f"{GUEST}/actions/set-time", json={})).json()
    assert abs(told["offset_seconds"]) < 5
    told = await (await client.post(f"{GUEST}/actions/set-time", json={"time": 1000})).json()
    assert told["offset_seconds"] < -1e9
    fake.disabled.add("guest-get-time")
    told = await (await client.post(f"{GUEST}/actions/set-time", json={})).json()
    assert told == {"offset_seconds": None}


async def test_disks_are_told_what_is_free(client, fake):
    fake.answers["guest-fstrim"] = {
        "paths": [{"path": "/", "trimmed": 5, "minimum": 0}, {"path": "/x", "error": "no"}]
    }
    told = await (await client.post(f"{GUEST}/actions/trim", json={"minimum_bytes": 4096})).json()
    assert told["paths"][0] == {"path": "/", "trimmed_bytes": 5, "minimum_bytes": 0, "error": None}
    assert told["paths"][1]["error"] == "no"
    assert ("guest-fstrim", {"minimum": 4096}) in fake.calls
