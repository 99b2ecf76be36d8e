import pytest

from guestwire.errors import CommandDisabled
from guestwire.web.work import jobs as module


async def run(client, *command, **more):
    body = {"path": command[0], "arguments": list(command[1:]), **more}
    answer = await client.post("/api/v1/guests/web1/actions/exec", json=body)
    assert answer.status == 202, await answer.text()
    job = (await answer.json())["job"]
    for _ in range(3):
        told = await (await client.get(f"/api/v1/jobs/{job}?wait_seconds=10")).json()
        if told["state"] != "running":
            break
    return told


async def test_a_program_runs_and_its_output_comes(real):
    told = await run(
        real, "/bin/sh", "-c", "cat; echo $A; echo oops >&2; exit 3", input="hello ", environment=["A=b"]
    )
    assert (told["state"], told["exit_code"], told["signal"]) == ("done", 3, None)
    assert (told["stdout"], told["stderr"]) == ("hello b\n", "oops\n")
    assert told["who"].startswith("local")
    listed = (await (await real.get("/api/v1/jobs")).json())["jobs"]
    assert [job["job"] for job in listed] == [told["job"]]
    assert (await real.delete(f"/api/v1/jobs/{told['job']}")).status == 204
    assert (await real.get(f"/api/v1/jobs/{told['job']}")).status == 404


async def test_a_program_that_is_not_there(real):
    told = await run(real, "/no/such/program")
    assert told["state"] == "failed"
    assert told["error"]


async def test_output_that_is_no_text_and_too_long(real, monkeypatch):
    monkeypatch.setattr(module, "OUTPUT", 10)
    told = await run(real, "/usr/bin/printf", "\\377%020d", "7")
    assert told["stdout"] == "\ufffd000000000"
    assert told["stdout_truncated"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"path": ""},
        {"path": "/x", "arguments": "a"},
        {"path": "/x", "arguments": ["a\0b"]},
        {"path": "/x", "environment": ["noequals"]},
        {"path": "/x", "timeout_seconds": 0},
        {"path": "/x", "shell": True},
    ],
)
async def test_what_cannot_be_run(client, body):
    assert (await client.post("/api/v1/guests/web1/actions/exec", json=body)).status == 422


async def test_a_policy_that_forbids_it(client, fake):
    fake.answers["guest-exec"] = CommandDisabled(
        "Command guest-exec has been disabled: denied by the broker's policy"
    )
    told = await run(client, "/bin/true")
    assert told["state"] == "failed"
    assert "denied by the broker" in told["error"]
    assert client.callers[0][0] == "web1"


async def test_programs_at_once_are_bounded(client, fake, monkeypatch):
    monkeypatch.setattr(module, "RUNNING", 0)
    answer = await client.post("/api/v1/guests/web1/actions/exec", json={"path": "/bin/true"})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "5")


async def test_jobs_that_are_remembered_are_bounded(client, fake, monkeypatch):
    monkeypatch.setattr(module, "JOBS", 2)
    fake.answers["guest-exec"] = {"pid": 7}
    fake.answers["guest-exec-status"] = {"exited": True, "signal": 9}
    for _ in range(4):
        told = await run(client, "/bin/true")
    assert (told["signal"], told["exit_code"]) == (9, None)
    assert len((await (await client.get("/api/v1/jobs")).json())["jobs"]) == 2


async def test_a_guest_that_is_off(client, site):
    answer = await client.post("/api/v1/guests/u-3/actions/exec", json={"path": "/bin/true"})
    assert (answer.status, (await answer.json())["detail"]) == (409, "the guest is off")


async def test_a_daemon_without_a_way_to_guests(client):
    client.site.reach = None
    answer = await client.post("/api/v1/guests/web1/actions/exec", json={"path": "/bin/true"})
    assert answer.status == 503


async def test_nobody_sees_another_s_jobs(client, fake):
    fake.answers["guest-exec"] = {"pid": 7}
    fake.answers["guest-exec-status"] = {"exited": True, "exitcode": 0}
    told = await run(client, "/bin/true")
    headers = {"X-Forwarded-For": "10.0.0.1"}
    assert (await client.get(f"/api/v1/jobs/{told['job']}", headers=headers)).status == 403
