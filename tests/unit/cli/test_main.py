"""The frame of the command line: how verbs are found, and what becomes of errors."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from guestwire.cli import main as module
from guestwire.cli.index import VERBS
from guestwire.errors import ConfigError, GuestwireError


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main([verb, "--help"]) == 0
    assert verb in capsys.readouterr().out


def test_help_lists_the_verbs_and_imports_none() -> None:
    script = (
        "import sys; from guestwire.cli.main import main; main(['--help']);"
        "print([m for m in sys.modules if m.startswith(('guestwire.cli.verbs.', 'guestwire.client', 'rich'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
    for verb, line in VERBS.items():
        assert verb in done.stdout
        assert line.split()[0] in done.stdout


def test_an_unknown_verb_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(["dance"]) == 2
    assert "dance" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (ConfigError("no such guest"), 2, "guestwire: no such guest\n"),
        (GuestwireError("it broke"), 1, "guestwire: it broke\n"),
        (
            PermissionError(13, "Permission denied", "/x"),
            1,
            "guestwire: [Errno 13] Permission denied: '/x'\n",
        ),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, ""),
    ],
)
def test_errors_become_a_line_and_a_status(
    error: BaseException,
    status: int,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    monkeypatch.setattr(module.guestwire, "main", fail)
    assert module.main([]) == status
    assert capsys.readouterr().err == text
