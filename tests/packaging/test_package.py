"""What `make package` builds: the single file, the .deb and the wheel."""

from __future__ import annotations

import configparser
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

if sys.version_info < (3, 11):
    pytest.skip("needs Python 3.11", allow_module_level=True)

from tests.contract.agents import PATIENCE
from tests.packaging.build import ROOT, build, build_into

SOURCES = {
    path.relative_to(ROOT / "src").as_posix()
    for path in (ROOT / "src/guestwire").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}
IN_A_GUEST = {
    name
    for name in SOURCES
    if name.endswith(".py")
    and (
        name in ("guestwire/__init__.py", "guestwire/errors.py")
        or name.split("/")[1] in ("wire", "schema", "agent")
    )
}


def text_of(*words: str) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


def test_the_single_file_holds_what_runs_in_a_guest_and_no_more() -> None:
    with zipfile.ZipFile(build("zipapp")) as archive:
        compiled = {f"{sys.implementation.cache_tag}/{name}c" for name in IN_A_GUEST}
        assert set(archive.namelist()) == IN_A_GUEST | compiled | {"__main__.py"}
    assert os.access(build("zipapp"), os.X_OK)


@pytest.mark.parametrize("name", ["guestwire-agent.pyz", "qemu-ga"])
def test_the_single_file_answers(tmp_path: Path, name: str) -> None:
    program, path = tmp_path / name, tmp_path / "s"
    shutil.copy(build("zipapp"), program)
    words = [sys.executable, "-IBS", str(program), "-m", "unix-listen", "-p", str(path), "-t", str(tmp_path)]
    agent = subprocess.Popen(words, cwd="/")
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE)
            deadline = time.monotonic() + PATIENCE
            while line.connect_ex(str(path)):
                assert time.monotonic() < deadline
                assert agent.poll() is None
                time.sleep(0.01)
            line.sendall(b'{"execute":"guest-ping"}\n{"execute":"guest-get-osinfo"}\n')
            file = line.makefile("rb")
            assert file.readline() == b'{"return": {}}\n'
            assert "kernel-release" in json.loads(file.readline())["return"]
            file.close()
    finally:
        agent.terminate()
        assert agent.wait(PATIENCE) == 0


def test_the_single_file_reads_the_configuration_of_the_name_it_has(tmp_path: Path) -> None:
    (tmp_path / "qemu-ga").symlink_to(build("zipapp"))
    told = text_of(sys.executable, "-IBS", str(tmp_path / "qemu-ga"), "--help")
    assert "/etc/qemu/qemu-ga.conf" in told
    assert "/etc/guestwire/agent.conf" in text_of(sys.executable, "-IBS", str(build("zipapp")), "--help")


def test_the_single_file_runs_on_every_python_from_3_9_on() -> None:
    for minor in range(9, 16):
        found = subprocess.run(
            [ROOT / "tools/find_python.sh", f"3.{minor}"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        python = found.stdout.strip()
        if found.returncode == 0 and python:
            told = text_of(python, "-IBS", "-W", "error", str(build("zipapp")), "--block-rpcs", "help")
            assert "guest-ping\n" in told, python


def test_the_single_file_starts_from_the_byte_code_that_is_for_this_python() -> None:
    told = text_of(
        sys.executable, "-c", "import runpy, sys; sys.argv[1:] = ['-V']\n"
        f"try: runpy.run_path({str(build('zipapp'))!r}, run_name='__main__')\n"
        "except SystemExit: print(sys.modules['guestwire.agent.main'].__file__)",
    )  # fmt: skip
    assert told.splitlines()[-1].endswith(f"/{sys.implementation.cache_tag}/guestwire/agent/main.pyc")


@pytest.mark.parametrize("what", ["zipapp", "deb"])
def test_two_builds_are_equal(tmp_path: Path, what: str) -> None:
    assert build_into(tmp_path, what).read_bytes() == build(what).read_bytes()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the .deb would put on a disk."""
    needs("dpkg-deb")
    folder = tmp_path_factory.mktemp("deb")
    text_of("dpkg-deb", "--extract", str(build("deb")), str(folder))
    return folder


def test_all_files_of_the_deb_are_roots() -> None:
    needs("dpkg-deb")
    archive = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", build("deb")], check=True, capture_output=True, timeout=60
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        for entry in files:
            assert (entry.uname, entry.gname, entry.uid, entry.gid) == ("root", "root", 0, 0), entry.name
            assert not entry.mode & 0o7022 or entry.issym(), entry.name


def test_the_deb_takes_the_place_of_the_stock_agent() -> None:
    needs("dpkg-deb")
    fields = text_of("dpkg-deb", "--field", str(build("deb")))
    for field in ("Conflicts", "Provides", "Replaces"):
        assert f"\n{field}: qemu-guest-agent\n" in fields
    assert "python3 (>= 3.9)" in fields


def test_the_deb_holds_agent_unit_rule_and_configuration(installed: Path) -> None:
    library = installed / "usr/lib/guestwire-agent"
    found = {path.relative_to(library).as_posix() for path in library.rglob("*") if path.is_file()}
    assert found == IN_A_GUEST
    for shipped, path in {
        "systemd/guestwire-agent.service": "lib/systemd/system/guestwire-agent.service",
        "udev/60-guestwire-agent.rules": "lib/udev/rules.d/60-guestwire-agent.rules",
        "agent.conf": "etc/guestwire/agent.conf",
    }.items():
        assert (installed / path).read_bytes() == (ROOT / "packaging" / shipped).read_bytes()
    started = configparser.ConfigParser(strict=False, interpolation=None)
    started.read(installed / "lib/systemd/system/guestwire-agent.service")
    assert os.access(installed / started["Service"]["ExecStart"].lstrip("/"), os.X_OK)


def test_the_program_of_the_deb_starts(installed: Path, tmp_path: Path) -> None:
    launcher = (installed / "usr/sbin/guestwire-agent").read_text()
    assert launcher.startswith("#!/usr/bin/python3 -IBS\n")
    here = tmp_path / "guestwire-agent"
    here.write_text(launcher.replace("/usr/lib/guestwire-agent", str(installed / "usr/lib/guestwire-agent")))
    assert "guestwire-agent " in text_of(sys.executable, "-IBS", str(here), "--version")
    assert not list((installed / "usr/lib/guestwire-agent").rglob("__pycache__")), "it writes no byte code"
    assert os.readlink(installed / "usr/sbin/qemu-ga") == "guestwire-agent"


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm", "rtupdate"])
def test_the_scripts_of_the_deb_are_shell(script: str) -> None:
    text_of("sh", "-n", str(ROOT / "packaging/deb" / script))


def test_lintian_finds_nothing() -> None:
    needs("lintian")
    root = ["--allow-root"] if os.geteuid() == 0 else []
    assert text_of("lintian", *root, str(build("deb"))) == ""


def test_the_wheel_holds_the_whole_project(tmp_path: Path) -> None:
    with zipfile.ZipFile(build_into(tmp_path, "wheel")) as archive:
        names = set(archive.namelist())
        assert {name for name in names if name.startswith("guestwire/")} == {
            name for name in SOURCES if not name.endswith((".pyc", ".md"))
        }
        (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
        scripts = archive.read(entry_points).decode()
    assert "guestwire-agent = guestwire.agent.main:main" in scripts
    assert any(name.endswith("LICENSE") for name in names)


def test_an_unknown_word_is_one_clear_line(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "tools/package.py"), "--into", str(tmp_path), "rpm"]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.endswith("no such artefact: rpm; there are zipapp, deb, windows, host, wheel\n")
