"""The walls of ARCHITECTURE.md, held by a test."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "guestwire"
FILES = sorted(SOURCE.rglob("*.py"))
GENERATED = {"schema/compiled.py", "client/types.py", "client/_methods.py"}
LOW_FLOORS = ("errors.py", "wire", "schema", "agent")
OPTIONAL = {"pybase64"}
NO_IO = {"socket", "asyncio", "selectors", "threading", "_thread", "subprocess", "time", "os"}
MAX_FILE, MAX_FUNCTION = 300, 40


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("path", [path for path in FILES if name(path) not in GENERATED], ids=name)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MAX_FILE, f"{name(path)} is a room that wants dividing"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or 0) - node.lineno + 1
            assert lines <= MAX_FUNCTION, f"{name(path)}:{node.lineno} {node.name}() has {lines} lines"


@pytest.mark.parametrize("path", [path for path in FILES if name(path).split("/")[0] in LOW_FLOORS], ids=name)
def test_the_low_floors_need_the_standard_library_only(path: Path) -> None:
    for module in imports(path):
        top = module.split(".")[0]
        known = top in sys.stdlib_module_names or top in {
            "guestwire",
            "_winapi",
            "winreg",
            "msvcrt",
            "_overlapped",
        }
        assert known or top in OPTIONAL, f"{name(path)} imports {module}"


@pytest.mark.parametrize("path", [path for path in FILES if name(path).startswith("wire/")], ids=name)
def test_the_wire_does_no_io(path: Path) -> None:
    assert not NO_IO & imports(path)


@pytest.mark.parametrize("path", [path for path in FILES if name(path).startswith("agent/")], ids=name)
def test_only_one_file_asks_which_os_this_is(path: Path) -> None:
    if name(path) == "agent/platform.py":
        return
    text = path.read_text()
    for question in ("sys.platform", "os.name", "platform.system"):
        assert question not in text, f"{name(path)} asks {question}"


def loaded_with(path: Path) -> set[str]:
    """The project's modules that importing this one loads at once: not those of type checking or of function bodies."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {module for module in found if module.startswith("guestwire.")}


def test_no_module_loads_itself_in_a_circle() -> None:
    modules = {
        ".".join(("guestwire", *path.relative_to(SOURCE).with_suffix("").parts)): path for path in FILES
    }
    graph = {module: loaded_with(path) & set(modules) for module, path in modules.items()}
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way, module))
        if module not in done:
            for other in sorted(graph[module]):
                visit(other, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_the_floors() -> None:
    """import-linter's contracts in pyproject.toml."""
    checker = Path(sys.executable).with_name("lint-imports")
    if not checker.exists():
        pytest.skip("import-linter is installed for the host's interpreter only")
    environment = {**os.environ, "PYTHONPATH": str(SOURCE.parent)}
    done = subprocess.run(
        [checker], cwd=SOURCE.parent.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
