"""A site's own figures: commands that a pack added to the agent, and collector files on the host.

An agent's command whose name ends in `-get-samples` is asked with every poll. It returns objects with a `name` (a
metric's name) and a `value`; every further member that is a string is a label. A collector file is a Python file with
a `SECTION`, as those beside this one.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import TYPE_CHECKING

from guestwire.errors import ConfigError
from guestwire.monitor.collectors.base import Answers, Section, Step, number
from guestwire.monitor.samples import Sample, Source

if TYPE_CHECKING:
    from pathlib import Path

ENDING = "-get-samples"
COMMANDS = 16  # of one guest
_TAKEN = ("node_", "guestwire_")  # names that have a meaning of their own


def section(command: str) -> Section:
    """The section of one of the agent's own commands."""
    return Section(command, (), (Step(Source.CUSTOM, read, commands=(command,)),))


def sections(commands: Iterable[str]) -> list[Section]:
    """The sections of those of an agent's commands that give samples."""
    return [section(name) for name in sorted(commands) if name.endswith(ENDING)][:COMMANDS]


def read(answers: Answers) -> Iterable[Sample]:
    """Samples from the answer of such a command."""
    for item in answers.listed():
        name = item["name"]
        if isinstance(name, str) and not name.startswith(_TAKEN):
            labels = sorted(
                (key, text) for key, text in item.items() if key != "name" and isinstance(text, str)
            )
            yield Sample(name, tuple(labels), number(item["value"]))


def load(files: Iterable[Path]) -> list[Section]:
    """The sections of a site's collector files. Raises ConfigError."""
    return [_load(file) for file in files]


def _load(file: Path) -> Section:
    spec = importlib.util.spec_from_file_location(f"guestwire_collector_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{file}: a collector is a Python file (.py)")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the file does
        raise ConfigError(f"{file}: {type(error).__name__}: {error}") from None
    found = getattr(module, "SECTION", None)
    if not isinstance(found, Section):
        raise ConfigError(f"{file}: has no SECTION = Section(…)")
    return found
