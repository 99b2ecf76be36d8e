"""Small trees of /proc, /sys and /etc for tests."""

from __future__ import annotations

from pathlib import Path

from guestwire.agent.state import AgentState

FIXTURES = Path(__file__).parents[2] / "fixtures"


def plant(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below `root`; a name that ends in `/` makes a folder."""
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def state(root: Path) -> AgentState:
    agent = AgentState()
    agent.root = str(root)
    return agent
