"""The code of docs/tutorial/client.md, run in order against an agent."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "client.md"
AGENT = shutil.which("qemu-ga") or shutil.which("qemu-ga", path="/usr/sbin:/usr/local/sbin")


@pytest.mark.skipif(AGENT is None, reason="needs QEMU's agent (qemu-ga)")
def test_the_code_runs(tmp_path):
    options = [
        "-m",
        "unix-listen",
        "-p",
        str(tmp_path / "agent.sock"),
        "-t",
        str(tmp_path),
        "-f",
        str(tmp_path / "pid"),
    ]
    agent = subprocess.Popen([AGENT, *options], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not (tmp_path / "agent.sock").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        code = re.findall(r"^```python\n(.*?)^```", TUTORIAL.read_text(), re.DOTALL | re.MULTILINE)
        script = "\n".join(code).replace("/tmp/demo", str(tmp_path))
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        agent.kill()
        agent.wait()
    assert done.returncode == 0, done.stderr
    assert "The command guest-make-coffee has not been found" in done.stdout
    assert "not been taught to greet" in done.stdout
