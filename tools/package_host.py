"""The .deb of the host side: command line, daemon, and the libraries they need, in a folder of their own.

Debian 12's aiohttp is older than the daemon needs, and it has no msgspec: the package brings its libraries along. They
are compiled for one minor version of Python, which the package depends on.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import tomllib

import copyrights
import debfile

ROOT = Path(__file__).resolve().parent.parent
PACKAGING = ROOT / "packaging"
NAME = "guestwire"
LIBRARY = f"usr/lib/{NAME}"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
LAUNCHER = """\
#!/usr/bin/python3 -I
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "lib/guestwire")]
from guestwire.cli.main import program

program()
"""


def deb(folder: Path, version: str, epoch: int, changelog: str) -> Path:
    """Build the package for this Python's minor version and this machine."""
    data = _installed(epoch, changelog)
    control = debfile.Tree(epoch)
    architecture = MACHINES.get(platform.machine(), platform.machine())
    fields = (PACKAGING / "deb-host/control").read_text()
    for mark, value in {
        "@VERSION@": version,
        "@ARCHITECTURE@": architecture,
        "@SIZE@": str(data.kibibytes()),
        "@PYTHON@": f"3.{sys.version_info[1]}",
        "@NEXT@": f"3.{sys.version_info[1] + 1}",
    }.items():
        fields = fields.replace(mark, value)
    control.add("control", fields.encode())
    control.add("conffiles", b"/etc/guestwire/guestwire.toml\n")
    control.add("md5sums", data.md5sums().encode())
    for script in ("postinst", "prerm", "postrm"):
        control.add(script, (PACKAGING / "deb-host" / script).read_bytes(), debfile.PROGRAM)
    target = folder / f"{NAME}_{version}_{architecture}.deb"
    debfile.write(target, control, data, epoch)
    return target


def _installed(epoch: int, changelog: str) -> debfile.Tree:
    tree = debfile.Tree(epoch)
    source = ROOT / "src"
    for path in sorted((source / "guestwire").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            tree.add(f"{LIBRARY}/{path.relative_to(source).as_posix()}", path.read_bytes())
    with tempfile.TemporaryDirectory(prefix="guestwire-libraries-") as name:
        for path in _libraries(Path(name)):
            tree.add(f"{LIBRARY}/{path.relative_to(name).as_posix()}", path.read_bytes())
        tree.add(f"usr/share/doc/{NAME}/copyright", _copyright(Path(name)).encode())
    tree.add(f"usr/bin/{NAME}", LAUNCHER.encode(), debfile.PROGRAM)
    for file, path in {
        "guestwire.toml": "etc/guestwire/guestwire.toml",
        "systemd/guestwire.service": "lib/systemd/system/guestwire.service",
        "deb-host/lintian-overrides": f"usr/share/lintian/overrides/{NAME}",
    }.items():
        tree.add(path, (PACKAGING / file).read_bytes())
    tree.compress(f"usr/share/man/man1/{NAME}.1.gz", (PACKAGING / "deb-host/guestwire.1").read_text())
    tree.compress(f"usr/share/doc/{NAME}/changelog.gz", changelog)
    return tree


def _copyright(libraries: Path) -> str:
    """Who holds the rights to what: the project, the libraries in `libraries`, and what the dashboard ships."""
    vendor = "guestwire/web/static/vendor"
    return (
        (PACKAGING / "deb/copyright").read_text()
        + copyrights.bundled(libraries, LIBRARY)
        + copyrights.vendored(ROOT / "src" / vendor / "vendor.json", f"{LIBRARY}/{vendor}")
    )


def _libraries(place: Path) -> list[Path]:
    """What the host side needs, as pip installs it for this Python, without byte code and programs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["monitor"]]
    words = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--root-user-action=ignore",
    ]
    options = ["--target", str(place), "--no-compile", "--only-binary=:all:"]
    subprocess.run([*words, *options, *wanted], check=True)
    left_out = {"bin", "__pycache__", "tests", "test"}
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    return [
        path
        for path in sorted(place.rglob("*"))
        if path.is_file()
        and not left_out & set(path.relative_to(place).parts)
        and (
            path.suffix != ".so"
            or path.name.endswith(suffix)
            or "abi3" in path.name
            or ".cpython" not in path.name
        )
    ]
