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
