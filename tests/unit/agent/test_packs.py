"""Packs: pairs of a schema file and a code file, tied at the start."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guestwire.agent import packs, registry
from guestwire.agent.config import Config
from guestwire.agent.registry import Entry
from guestwire.agent.state import AgentState
from guestwire.errors import CommandError, ConfigError

SYMBOLS = {"CONFIG_LINUX", "CONFIG_POSIX"}
SCHEMA = "{ 'command': 'site-add', 'data': { 'a': 'int', '*b-c': 'int' }, 'returns': 'GuestFileWrite' }\n"
CODE = "def site_add(a, b_c=1):\n    return {'count': a + b_c, 'eof': False}\n"


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture(autouse=True)
def modules() -> Iterator[None]:
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.fixture
def state() -> AgentState:
    made = AgentState()
    made.log = Log()  # type: ignore[assignment]
    return made


def write(folder: Path, name: str, schema: str | None = SCHEMA, code: str | None = CODE) -> None:
    if schema is not None:
        (folder / f"{name}.json").write_text(schema)
    if code is not None:
        (folder / f"{name}.py").write_text(code)


def load(state: AgentState, *folders: Path, lenient: bool = False) -> dict[str, Entry]:
    config = Config()
    config.commands_dirs = [str(folder) for folder in folders]
    config.lenient_packs = lenient
    return packs.load(config, state, SYMBOLS)


def faults(state: AgentState, *folders: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(state, *folders)
    return [line.strip().replace(f"{folders[0]}/", "") for line in str(caught.value).splitlines()[1:]]


def test_a_command_of_a_pack_is_like_any_other(tmp_path: Path, state: AgentState) -> None:
    write(tmp_path, "site")
    entry = load(state, tmp_path)["site-add"]
    assert entry.command.group == "site"
    assert entry.function(**entry.decode({"a": 1, "b-c": 2})) == {"count": 3, "eof": False}
    with pytest.raises(CommandError, match="Parameter 'a' is missing"):
        entry.decode({})


def test_a_function_may_ask_for_the_agent(tmp_path: Path, state: AgentState) -> None:
    write(
        tmp_path, "site", "{ 'command': 'site-who' }", "def site_who(agent):\n    agent.log.error('asked')\n"
    )
    load(state, tmp_path)["site-who"].function()
    assert state.log.lines == ["asked"]  # type: ignore[attr-defined]


def test_the_registry_has_them_after_its_own(tmp_path: Path, state: AgentState) -> None:
    write(tmp_path, "site")
    config = Config()
    config.commands_dirs = [str(tmp_path)]
    assert list(registry.build(config, state, "linux", SYMBOLS))[-1] == "site-add"


def test_several_folders_and_pairs(tmp_path: Path, state: AgentState) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "site", SCHEMA.replace("add", name), CODE.replace("add", name))
    write(tmp_path / "one", "more", "{ 'command': 'site-more' }", "def site_more(): pass\n")
    (tmp_path / "one" / "README").write_text("no pack")
    write(tmp_path / "one", "_helper", None, "raise SystemExit")
    assert sorted(load(state, tmp_path / "one", tmp_path / "two")) == ["site-more", "site-one", "site-two"]


def test_types_may_be_shared_by_inclusion(tmp_path: Path, state: AgentState) -> None:
    write(tmp_path, "types", "{ 'struct': 'SiteThing', 'data': { } }", None)
    write(
        tmp_path,
        "site",
        "{ 'include': 'types.json' } { 'command': 'site-get', 'returns': 'SiteThing' }",
        "def site_get(): return {}\n",
    )
    assert list(load(state, tmp_path)) == ["site-get"]


def test_commands_of_other_platforms_need_no_call(tmp_path: Path, state: AgentState) -> None:
    write(
        tmp_path,
        "site",
        SCHEMA + "{ 'command': 'site-win', 'if': 'CONFIG_WIN32' }",
        CODE + "def site_win(): pass\n",
    )
    assert list(load(state, tmp_path)) == ["site-add"]


def test_decorated_code_and_helpers(tmp_path: Path, state: AgentState) -> None:
    code = "from os.path import join\n\nclass Helper: pass\n\ndef _help(): pass\n\n" + CODE
    write(tmp_path, "site", code=code)
    assert list(load(state, tmp_path)) == ["site-add"]


def test_nothing_is_compiled_to_a_file(tmp_path: Path, state: AgentState) -> None:
    write(tmp_path, "site")
    load(state, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["site.json", "site.py"]


@pytest.mark.parametrize(
    ("schema", "code", "expected"),
    [
        (None, CODE, "site.py: there is no site.json beside it that describes its commands"),
        (SCHEMA, None, "site.py: No such file or directory"),
        (SCHEMA, "", "site.py: the command site-add has no function site_add"),
        (SCHEMA, "site_add = 5\n", "site.py: the command site-add has no function site_add"),
        (SCHEMA, "\ndef site_add(a): pass\n", "site.py:2: site_add lacks the parameter 'b_c'"),
        (SCHEMA, "def site_add(a, b_c): pass\n", "site.py:1: site_add gives no default to the optional 'b_c'"),
        (SCHEMA, "def site_add(a, b_c=1, d=2): pass\n", "site.py:1: site_add has a parameter 'd' that the schema"),
        (SCHEMA, "def site_add(:\n", "site.py:1: SyntaxError: "),
        (SCHEMA, "\n\nimport no_such_module\n", "site.py:3: ModuleNotFoundError: No module named 'no_such_module'"),
        (SCHEMA, "def f():\n    1 / 0\nf()\n", "site.py:2: ZeroDivisionError: division by zero"),
        (SCHEMA, "raise SystemExit('bye')\n", "site.py:1: SystemExit: bye"),
        (SCHEMA, "x = '\0'\n", "site.py:1: "),
        (SCHEMA, CODE + "def site_ad(): pass\n", "site.py:3: the function site_ad belongs to no command; a helper's"),
        ("{ 'command': 'guest-ping' }", CODE, "site.json:1: 'guest-ping' is already defined elsewhere"),
        ("{ 'command': 'guest-get-devices' }", CODE, "site.json:1: 'guest-get-devices' is already defined elsewhere"),
        ("{ 'command': 'site-add',\n'data': { 'a': 'Odd' } }", CODE, "site.json:2: member 'a' of command 'site-add'"),
        ("{ 'command': }", CODE, "site.json:1: expected '{'"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(
    tmp_path: Path, state: AgentState, schema: str | None, code: str | None, expected: str
) -> None:
    write(tmp_path, "site", schema, code)
    (told,) = faults(state, tmp_path)
    assert told.startswith(expected)


def test_all_faults_of_all_packs_are_in_one_error(tmp_path: Path, state: AgentState) -> None:
    write(tmp_path, "a", "{ 'command': 'one' } { 'command': 'two' }", "def three(): pass\n")
    write(tmp_path, "b", "{ 'struct': 'bad' }", "")
    write(tmp_path, "good")
    gone = tmp_path / "gone"
    assert faults(state, tmp_path, gone) == [
        "a.py: the command one has no function one",
        "a.py: the command two has no function two",
        "a.py:1: the function three belongs to no command; a helper's name begins with '_'",
        "b.json:1: struct 'bad' misses key 'data' (it must have 'data')"
        if False
        else "b.json:1: struct 'bad' misses key 'data'",
        "gone: cannot read the folder: No such file or directory",
    ]


def test_a_name_belongs_to_the_first_pack(tmp_path: Path, state: AgentState) -> None:
    write(tmp_path, "a")
    write(tmp_path, "b")
    assert faults(state, tmp_path) == ["b.json:1: 'site-add' is already defined elsewhere"]


def test_lenient_leaves_the_faulty_out(tmp_path: Path, state: AgentState) -> None:
    write(tmp_path, "bad", "{ 'command': 'one' } { 'command': 'two' }", "def one(): pass\n")
    write(tmp_path, "good")
    assert list(load(state, tmp_path, lenient=True)) == ["site-add"]
    assert state.log.lines == [  # type: ignore[attr-defined]
        f"pack left out: {tmp_path}/bad.py: the command two has no function two"
    ]


def test_names_can_be_asked_for_before_there_is_a_log(tmp_path: Path) -> None:
    write(tmp_path, "bad", code="")
    assert load(AgentState(), tmp_path, lenient=True) == {}


def status(mode: int, uid: int = 0) -> os.stat_result:
    return os.stat_result((mode, 1, 1, 1, uid, 0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (status(0o100644), None),
        (status(0o040755), None),
        (status(0o041777), None),
        (status(0o100664), "is writable for others (mode 0664); the agent runs as root: chmod go-w it"),
        (status(0o101646), "is writable for others (mode 1646)"),
        (status(0o040777), "is writable for others (mode 0777)"),
        (status(0o100644, 1000), "belongs to user 1000; the agent runs as root: chown root it"),
    ],
)
def test_who_else_could_change_it(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    state: AgentState,
    found: os.stat_result,
    reason: str | None,
) -> None:
    """As root, for each thing on the way to a pack's files."""
    write(tmp_path, "site")
    real = os.stat

    def stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        if kwargs or not isinstance(path, str):
            return real(path, *args, **kwargs)
        return found if path == str(tmp_path) else status(0o100644)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(packs.os, "stat", stat)
    monkeypatch.setattr(packs.os, "fstat", lambda fd: status(0o100644))
    if reason is None:
        assert list(load(state, tmp_path)) == ["site-add"]
    else:
        assert reason in faults(state, tmp_path)[0]


def test_the_folder_of_a_link_counts_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: AgentState
) -> None:
    (tmp_path / "safe").mkdir()
    (tmp_path / "open").mkdir()
    write(tmp_path / "safe", "site")
    (tmp_path / "open" / "link").symlink_to(tmp_path / "safe")
    folder = tmp_path / "open" / "link"
    real = os.stat

    def stat(path: Any, *args: Any, **kwargs: Any) -> os.stat_result:
        if kwargs or not isinstance(path, str):
            return real(path, *args, **kwargs)
        return status(0o040777 if path == str(tmp_path / "open") else 0o040755)

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(packs.os, "stat", stat)
    (told,) = faults(state, folder)
    assert f"{tmp_path}/open is writable for others (mode 0777)" in told


def test_the_file_that_is_run_is_the_one_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: AgentState
) -> None:
    write(tmp_path, "site")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(packs.os, "stat", lambda *args, **kwargs: status(0o040755))
    monkeypatch.setattr(packs.os, "fstat", lambda fd: status(0o100646))
    assert "site.py is writable for others" in faults(state, tmp_path)[0]


def test_whoever_is_not_root_may_use_what_is_his(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: AgentState
) -> None:
    write(tmp_path, "site")
    (tmp_path / "site.py").chmod(0o666)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert list(load(state, tmp_path)) == ["site-add"]
