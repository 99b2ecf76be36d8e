"""Generated files are what their generators write: nobody edits them, and nobody forgets to run `make gen`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GENERATORS = sorted((ROOT / "tools").glob("gen_*.py"))


@pytest.mark.parametrize("generator", GENERATORS, ids=lambda path: path.stem)
def test_the_file_is_up_to_date(generator: Path) -> None:
    done = subprocess.run(
        [sys.executable, generator, "--check"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr or done.stdout


def test_there_are_generators() -> None:
    assert {path.stem for path in GENERATORS} >= {"gen_compiled", "gen_types", "gen_methods"}
