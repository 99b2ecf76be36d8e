"""Installs the agent on Windows, or removes it; `install.cmd` and `uninstall.cmd` call it with the Python they found.

    python setup.py install [OPTION OF THE AGENT]...
    python setup.py uninstall

The folder that this file is in is copied to %ProgramFiles%\\guestwire-agent, with its Python if it has one: nothing in
it may be changed by others than administrators, for the service runs as LocalSystem.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SERVICE = "guestwire-agent"
OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent
WHAT = ("guestwire", "python", "setup.py", "install.cmd", "uninstall.cmd", "README.txt")


class Refused(Exception):
    """It cannot be done, and why."""


def target() -> Path:
    return Path(os.environ.get("PROGRAMFILES", r"C:\Program Files")) / SERVICE


def check(version: tuple[int, ...], executable: str) -> None:
    """Refuse a Python that a service cannot run."""
    if version < OLDEST:
        raise Refused(f"Python {'.'.join(map(str, OLDEST))} or later is needed; {executable} is older")
    if "windowsapps" in executable.lower():
        raise Refused(
            f"a service cannot run Microsoft Store's Python ({executable}): install Python for all users"
        )


def copy_to(place: Path) -> None:
    """Copy what belongs to the agent; an older version is replaced."""
    if place == HERE:
        return
    for name in WHAT:
        source, there = HERE / name, place / name
        if there.is_dir():
            shutil.rmtree(there)
        if source.is_dir():
            shutil.copytree(source, there)
        elif source.is_file():
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, there)


def python_of(place: Path) -> str:
    """The interpreter that the service gets: the one in the folder, else the one that runs this."""
    own = place / "python" / "python.exe"
    return str(own) if own.is_file() else sys.executable


def agent(place: Path, *words: str) -> int:
    """Run the agent's own command line."""
    start = (
        f"import sys; sys.path.insert(0, {str(place)!r}); "
        "from guestwire.agent.main import main; raise SystemExit(main())"
    )
    return subprocess.run([python_of(place), "-c", start, *words], check=False).returncode


def net(verb: str) -> int:
    """`net start` and `net stop` wait until it is done."""
    done = subprocess.run(["net.exe", verb, SERVICE], capture_output=True, check=False)
    return done.returncode


def is_installed() -> bool:
    words = ["sc.exe", "query", SERVICE]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def remove(place: Path) -> None:
    net("stop")  # fails when it does not run
    if agent(place, "--service", "uninstall"):
        raise Refused("the service is still there")


def install(options: list[str]) -> None:
    check(sys.version_info[:2], sys.executable)
    place = target()
    if is_installed():
        remove(place if (place / "guestwire").is_dir() else HERE)
    try:
        copy_to(place)
    except OSError as error:
        raise Refused(f"cannot copy to {place}: {error.strerror}; this needs an administrator") from None
    if agent(place, "--service", "install", *options):
        raise Refused("the service was not installed")
    if net("start"):
        raise Refused(
            f"the service is installed but does not start: see {SERVICE} in the Application event log"
        )
    print(f"{SERVICE} runs from {place} and starts with Windows.")


def uninstall() -> None:
    if is_installed():
        remove(HERE)
    print(f"The service {SERVICE} is removed. The folder {target()} may be deleted.")


def main(words: list[str]) -> int:
    try:
        if words[:1] == ["install"]:
            install(words[1:])
        elif words == ["uninstall"]:
            uninstall()
        else:
            raise Refused("say install or uninstall")
    except Refused as error:
        print(f"setup.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
