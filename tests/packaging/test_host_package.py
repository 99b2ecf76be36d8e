"""The .deb of the host side. Building it fetches its libraries: one build, in the full part only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.build import ROOT

if sys.version_info < (3, 11):
    pytest.skip("needs Python 3.11", allow_module_level=True)

sys.path.insert(0, str(ROOT / "tools"))

import copyrights
import package_host


def test_the_launcher_finds_its_own_libraries(tmp_path: Path) -> None:
    place = tmp_path / "usr/lib/guestwire/guestwire/cli"
    place.mkdir(parents=True)
    (place.parent / "__init__.py").touch()
    (place / "__init__.py").touch()
    (place / "main.py").write_text("def program(): print('ran')\n")
    launcher = tmp_path / "usr/bin/guestwire"
    launcher.parent.mkdir()
    launcher.write_text(package_host.LAUNCHER)
    done = subprocess.run([sys.executable, "-I", launcher], capture_output=True, text=True, check=True)
    assert done.stdout == "ran\n"


def test_the_unit_and_the_scripts_name_what_is_there() -> None:
    unit = (ROOT / "packaging/systemd/guestwire.service").read_text()
    assert "ExecStart=/usr/bin/guestwire serve\n" in unit
    for script in ("postinst", "prerm", "postrm"):
        text = (ROOT / "packaging/deb-host" / script).read_text()
        assert "guestwire.service" in text
        assert "guestwire-agent" not in text


def test_what_is_bundled_is_named_with_its_license(tmp_path: Path) -> None:
    info = tmp_path / "thing-1.2.dist-info"
    (info / "licenses").mkdir(parents=True)
    (tmp_path / "thing").mkdir()
    (tmp_path / "thing/__init__.py").touch()
    (info / "licenses/LICENSE").write_text("MIT License\n\nCopyright (c) 2020 Somebody\n")
    (info / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: thing\nVersion: 1.2\nLicense-Expression: MIT\n"
    )
    files = ["thing/__init__.py", "thing-1.2.dist-info/METADATA", "thing-1.2.dist-info/licenses/LICENSE"]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in [*files, "../bin/thing"]))
    assert copyrights.bundled(tmp_path, "usr/lib/x") == (
        "\nFiles: usr/lib/x/thing/*\n usr/lib/x/thing-1.2.dist-info/*\nCopyright: Copyright (c) 2020 Somebody\n"
        "License: MIT\nComment: thing 1.2, as its authors ship it; the license is in "
        "/usr/lib/x/thing-1.2.dist-info/licenses/LICENSE\n"
    )


def test_what_the_dashboard_ships_is_named_too() -> None:
    text = copyrights.vendored(ROOT / "src/guestwire/web/static/vendor/vendor.json", "static")
    assert "Files: static/uplot/uPlot.js\n" in text
    assert "Leon Sorokin" in text
    assert "License: MIT\n" in text


@pytest.mark.skipif(not os.environ.get("GUESTWIRE_FULL"), reason="full part: GUESTWIRE_FULL=1")
@pytest.mark.timeout(1500)
def test_its_life_with_apt(tmp_path: Path) -> None:
    """Installed, upgraded with a changed configuration, removed and purged, in a Debian 12 of its own."""
    root = tmp_path / "root"
    build = ["mmdebstrap", "--quiet", "--variant=apt", "--include=python3", "bookworm", str(root)]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL, timeout=600)
    made = {}
    for version in ("1", "2"):
        made[version] = package_host.deb(root / "root", f"0.{version}", 1_700_000_000, "changes\n").name

    def inside(*words: str, status: int = 0) -> str:
        done = subprocess.run(
            ["chroot", root, *words], capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    apt = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "-o", "Dpkg::Use-Pty=0")
    inside(*apt, "install", f"/root/{made['1']}")
    inside("guestwire", "config", "check")
    assert "guestwire" in inside("guestwire", "--version")
    copyright_file = root / "usr/share/doc/guestwire/copyright"
    assert "Files: usr/lib/guestwire/aiohttp/*" in copyright_file.read_text()
    settings = root / "etc/guestwire/guestwire.toml"
    settings.write_text("interval = 30\n")
    inside(*apt, "install", f"/root/{made['2']}")
    assert settings.read_text() == "interval = 30\n"
    assert inside("dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", "guestwire") == "0.2 installed"
    (root / "var/lib/guestwire").mkdir(exist_ok=True)
    (root / "var/lib/guestwire/history.db").touch()
    inside(*apt, "remove", "guestwire")
    assert settings.exists()
    assert (root / "var/lib/guestwire/history.db").exists()
    assert not (root / "usr/lib/guestwire").exists()
    inside(*apt, "purge", "guestwire")
    assert not settings.exists()
    assert not (root / "var/lib/guestwire").exists()


@pytest.mark.skipif(not os.environ.get("GUESTWIRE_FULL"), reason="full part: GUESTWIRE_FULL=1")
@pytest.mark.timeout(900)
def test_it_runs_where_it_is_unpacked(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "tools/package.py"), "--into", str(tmp_path), "host"]
    subprocess.run(words, check=True, capture_output=True, timeout=800)
    (made,) = tmp_path.glob("guestwire_*.deb")
    subprocess.run(["dpkg-deb", "-x", made, tmp_path / "root"], check=True)
    program = [sys.executable, "-I", str(tmp_path / "root/usr/bin/guestwire")]
    for verb in (["--version"], ["config", "check"], ["serve", "--help"]):
        done = subprocess.run([*program, *verb], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
