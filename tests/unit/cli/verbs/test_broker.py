from pathlib import Path

from guestwire.broker import launch


def test_what_is_said_reaches_the_broker(run, monkeypatch):
    served = []
    monkeypatch.setattr(launch, "serve", served.append)
    words = (
        "--guest",
        "a=unix:/a",
        "--guest",
        "b=unix:/b",
        "--run-dir",
        "/r",
        "--policy",
        "/p",
        "--audit",
        "/l",
    )
    assert run("broker", *words).status == 0
    assert served == [launch.Choices(("a=unix:/a", "b=unix:/b"), Path("/r"), Path("/p"), Path("/l"))]


def test_a_mistake_is_one_line(run):
    result = run("broker", "--guest", "x")
    assert result.status == 2
    assert "NAME=ADDRESS" in result.err
    assert result.err.count("\n") == 1
