"""The frame of the command line: how verbs are found, and what becomes of errors."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import tomllib

from guestwire.cli import main as module
from guestwire.cli.examples import EXAMPLES
from guestwire.cli.index import VERBS
from guestwire.errors import ConfigError, GuestwireError, SchemaError

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main([verb, "--help"]) == 0
    assert verb in capsys.readouterr().out


def command_lines(line: str) -> list[list[str]]:
    """The command lines of guestwire among those of a shell's line."""
    found: list[list[str]] = [[]]
    words = shlex.shlex(line, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    for word in words:
        if set(word) <= set("|&;<>()"):
            found.append([])
        else:
            found[-1].append(word)
    return [words[1:] for words in found if words[:1] == ["guestwire"]]


@pytest.mark.parametrize("verb", list(VERBS))
def test_every_verb_has_examples_that_can_be_written_so(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line.strip() for line in EXAMPLES[verb].strip().splitlines()]
    assert module.main([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    for line in lines:
        assert line in re.sub(r"\s*\n\s*", " ", shown)
        assert f"guestwire {verb}" in line
        for name, *rest in command_lines(line):
            command = module.guestwire.get_command(click.Context(module.guestwire), name)
            while isinstance(command, click.Group) and rest:
                command = command.get_command(click.Context(command), rest.pop(0))
            assert command is not None
            if "--help" not in rest and not isinstance(command, click.Group):
                try:
                    command.make_context(name, rest)
                except click.BadParameter as error:
                    if "does not exist" not in error.message:  # the example's file
                        raise


NO_ANSWER = {"serve", "broker", "completion", "top"}
"""Verbs that run until they are stopped, or print a script."""


def every_command(command: click.Command, name: str) -> list[tuple[str, click.Command]]:
    below = getattr(command, "commands", {})
    if not below:
        return [(name, command)]
    return [found for inner, each in below.items() for found in every_command(each, f"{name} {inner}")]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in NO_ANSWER])
def test_every_verb_speaks_json(verb: str) -> None:
    context = click.Context(module.guestwire)
    top = module.guestwire.get_command(context, verb)
    assert top is not None
    for name, command in every_command(top, verb):
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--jsonl"} <= options, f"guestwire {name}"


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


def test_every_verb_stands_in_the_help_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    named = [line.split()[0] for line in lines if re.match(r"  [a-z][a-z-]*  ", line)]
    assert sorted(named) == sorted(VERBS)


def test_a_verb_that_is_mistyped_gets_the_one_that_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(["exce"]) == 2
    assert "there is no verb 'exce'; did you mean exec?" in capsys.readouterr().err
    assert module.main(["--exce"]) == 2
    assert "No such option" in capsys.readouterr().err


def test_verbs_are_completed_with_their_lines_and_imported_not_at_all() -> None:
    context = module.guestwire.make_context("guestwire", [], resilient_parsing=True)
    found = module.guestwire.shell_complete(context, "s")
    assert {each.value: each.help for each in found} == {
        name: text for name, text in VERBS.items() if name.startswith("s")
    }
    assert "--version" in [each.value for each in module.guestwire.shell_complete(context, "--v")]


def test_an_unknown_verb_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main(["dance"]) == 2
    assert "dance" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (ConfigError("no such guest"), 2, "guestwire: no such guest\n"),
        (GuestwireError("it \x1b broke"), 1, "guestwire: it \\x1b broke\n"),
        (SchemaError("x.json", 3, "no"), 2, "guestwire: x.json:3: no\n"),
        (module.Ended(15), 143, ""),
        (
            ModuleNotFoundError("No module named 'aiohttp'", name="aiohttp"),
            1,
            "guestwire: the library 'aiohttp' is missing; install guestwire[monitor]\n",
        ),
        (
            ModuleNotFoundError("No module named 'rich'", name="rich"),
            1,
            "guestwire: the library 'rich' is missing; install guestwire with its dependencies\n",
        ),
        (
            PermissionError(13, "Permission denied", "/x"),
            1,
            "guestwire: /x: Permission denied\n",
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


def test_a_missing_module_of_ours_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ModuleNotFoundError("No module", name="guestwire.nothing")

    monkeypatch.setattr(module.guestwire, "main", fail)
    with pytest.raises(ModuleNotFoundError):
        module.main([])


def script(text: str, **options: Any) -> subprocess.Popen[str]:
    """A process that runs `program` with a verb replaced by `text`, where `serve` is the verb's body."""
    start = f"import sys, time; from guestwire.cli import main\n{text}\nmain.guestwire.main = body\nmain.program()"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.Popen([sys.executable, "-c", start], **pipes)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_signals_end_it_after_cleaning_up(number: signal.Signals, status: int) -> None:
    text = """
def body(*args, **kwargs):
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("clean", flush=True)
"""
    with script(text) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (status, "clean\n", "")


def test_a_reader_that_left_is_no_error() -> None:
    text = """
def body(*args, **kwargs):
    sys.stdin.readline()
    print("x" * 100000)
"""
    with script(text, stdin=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        assert process.stderr
        process.stdout.close()
        process.stdin.write("go\n")
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 141


def test_what_the_terminal_cannot_write_is_escaped() -> None:
    text = "def body(*args, **kwargs): print('caf\\u00e9')"
    with script(text, env={**os.environ, "PYTHONIOENCODING": "ascii"}) as process:
        out, _ = process.communicate(timeout=30)
    assert out == "caf\\xe9\n"


def test_an_old_python_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    with pytest.raises(SystemExit, match=r"guestwire: the host side needs Python 3.11"):
        importlib.reload(module)


def test_a_missing_click_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "click", None)
    with pytest.raises(SystemExit, match="guestwire: the library 'click' is missing"):
        importlib.reload(module)


def test_the_console_script_leads_here() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    home, _, name = scripts["guestwire"].partition(":")
    assert getattr(importlib.import_module(home), name) is module.program


def test_it_ends_without_taking_the_interpreter_apart_but_with_its_last_wishes() -> None:
    text = """
import atexit
class Slow:
    def __del__(self): print("taken apart", flush=True)
def body(*args, **kwargs):
    main.slow = Slow()
    atexit.register(print, "last wish")
    print("work")
    return 3
"""
    with script(text) as process:
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (3, "work\nlast wish\n", "")


def test_it_waits_for_threads_that_are_still_at_work() -> None:
    text = """
import threading
def body(*args, **kwargs):
    threading.Thread(target=lambda: (sys.stdin.readline(), print("thread"))).start()
    print("work", flush=True)
"""
    with script(text, stdin=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == "work\n"
        out, _ = process.communicate("go\n", timeout=30)
    assert (process.returncode, out) == (0, "thread\n")


def test_an_output_that_cannot_be_written_at_the_very_end_is_told() -> None:
    text = "import atexit\ndef body(*args, **kwargs): atexit.register(print, 'x')"
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "w") as full, script(text, stdout=full, env=buffered) as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 120
    assert "No space left" in err
