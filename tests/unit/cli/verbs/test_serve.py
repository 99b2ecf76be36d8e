from pathlib import Path

from guestwire.daemon import launch


def test_what_is_said_reaches_the_daemon(run, monkeypatch):
    served = []
    monkeypatch.setattr(launch, "serve", served.append)
    words = (
        "--guest",
        "a=unix:/a",
        "--guest",
        "b=unix:/b",
        "--listen",
        "127.0.0.1:0",
        "--interval",
        "2",
        "--discover",
    )
    assert run("serve", *words, "--data-dir", "/d", "--config", "/c.toml").status == 0
    assert served == [
        launch.Choices(Path("/c.toml"), ("a=unix:/a", "b=unix:/b"), "127.0.0.1:0", Path("/d"), 2.0, True)
    ]


def test_a_mistake_is_one_line(run):
    result = run("serve", "--guest", "x")
    assert result.status == 2
    assert "NAME=ADDRESS" in result.err
    assert result.err.count("\n") == 1
