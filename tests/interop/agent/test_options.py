"""Command lines and configuration files, read by this agent and by QEMU's: both must understand them alike."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guestwire.agent import main as start

QEMU_GA = shutil.which("qemu-ga", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
pytestmark = pytest.mark.skipif(QEMU_GA is None, reason="qemu-ga is not installed: nothing to compare with")

# Only 11.1 has these; the agent at hand may be older.
NEWER = ("allow-rpcs=",)


class Said:
    """Exit status, standard output without the lines that only a newer qemu-ga prints, and standard error."""

    def __init__(self, status: int, out: bytes, err: bytes) -> None:
        self.status = status
        self.out = [line for line in out.splitlines() if not line.decode("latin-1").startswith(NEWER)]
        self.err = err


def theirs(words: list[str], conf: str) -> Said:
    environ = {"QGA_CONF": conf, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["qemu-ga", *words], executable=QEMU_GA, env=environ, capture_output=True, timeout=20, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)


def refuse(*_: object) -> int:
    raise AssertionError("the agent was about to start")


def ours(words: list[str], conf: str) -> Said:
    """Runs in this process, with its standard streams and QGA_CONF put aside: a start for each would take long."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        saved, before = (os.dup(1), os.dup(2)), os.environ.get("QGA_CONF")
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        os.environ["QGA_CONF"] = conf
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(start, "_start", refuse)  # no case is meant to get that far
                status = start.main(["qemu-ga", *words])
        finally:
            os.environ.pop("QGA_CONF")
            if before is not None:
                os.environ["QGA_CONF"] = before
            for number, fd in enumerate(saved, 1):
                os.dup2(fd, number)
                os.close(fd)
        out.seek(0)
        err.seek(0)
        return Said(status, out.read(), err.read())


LINES = [
    "-D",
    "-D -v -d -r",
    "-vdrD",
    "-Dm unix-listen -p/x",
    "-D -b a,b -b c",
    "-D -ba,,b -b ,",
    "-D -b ''",
    "-D -b a;b,c",
    "-D --b=x --blacklist=y,z",
    "-D -F",
    "-D -F /x",
    "-D -F/x",
    "-D --fsfreeze-hook",
    "-D --fsfreeze-hook=/y",
    "-D --fsfreeze-hook=",
    "-D -l /no/such/log -f /no/such/pid -t relative",
    "-D foo -v bar",
    "-D - -v",
    "-D -- -v",
    "-v -D -p -m",
    "-D --meth=isa-serial",
    "-D --me isa-serial --verb",
    "-D -m foo -p /x",
    "-D --path=a=b",
    "-D --path=",
    "--nope",
    "--nope=1",
    "-D --nope",
    "-x",
    "-vx",
    "-m",
    "-Dm",
    "--path",
    "--pat",
    "--ver",
    "--ve",
    "--p=/x",
    "--help=3",
    "--verbose=1 -D",
    "-D -m foo",
    "-D -m unix-listen",
    "-D -m vsock-listen",
    "-D -m vsock-listen -p 3:4",
    "-D -m isa-serial",
]


@pytest.mark.parametrize("line", LINES)
def test_command_lines(line: str) -> None:
    words = [word.replace("''", "") for word in line.split()]
    mine, real = ours(words, "/nonexistent"), theirs(words, "/nonexistent")
    assert (mine.status, mine.out) == (real.status, real.out)
    if b"CRITICAL" not in real.err:  # getopt's words; those of GLib are told in this project's own way
        assert mine.err == real.err


def test_the_list_of_commands_has_all_of_theirs() -> None:
    mine, real = ours(["-b", "help"], "/nonexistent"), theirs(["-b", "?"], "/nonexistent")
    # 7.2 lists guest-get-devices, which it disables on Linux at once; the newest schema has it for Windows only.
    assert set(real.out) - set(mine.out) <= {b"guest-get-devices"}


CONTENTS = [
    b"",
    b"[general]\ndaemon=true\nmethod=unix-listen\npath=/a b \nlogfile=  /l\npidfile=/f\nfsfreeze-hook=/h\n",
    b"[general]\nstatedir=/s\nverbose=1\nretry-path=true \nblock-rpcs=guest-ping;guest-get-time\n",
    b"# c\n\n [general]\n  # c\n  verbose   =    1  \nunknown=x\ndaemonize=junk\n[other]\nverbose=junk\n",
    b"[general]\nblock-rpcs=a,b,\n",
    b"[general]\nfsfreeze-hook=\nlogfile=\n",
    b"[general]\ndaemon=1\n[general]\ndaemon=0\n",
    b"[general]\nke y=1\npath[de]=x\npath=z\n",
    b"[general]\r\npath=a\r\n",
    b"[general]\npath=a\\sb\\tc\\\\d\\n\\r\n",
    b"[general]\npath= \\s\\sx\ty \n",
    b"[general]\npath=/\xc3\xa9\n",
    b"[general]\npath=\xff\n",
    b"\xef\xbb\xbf[general]\n",
    b"[general]\ndaemon=yes\n",
    b"[general]\nverbose=TRUE\n",
    b"[general]\nverbose=\n",
    b"[general]\nverbose=true # c\n",
    b"[general]\njunk\n",
    b"daemon=true\n",
    b"[gen\n",
    b"[a]b\n",
    b"[]\n",
    b"[gen[eral]\n",
    b"[general]\n=x\n",
    b"[general]\n =x\n",
    b"[general]\na[=b\n",
    b"[general]\na]=b\n",
    b"[general]\npath=a\\xb\n",
    b"[general]\npath=a\\\n",
    b"[general]\nblock-rpcs=a\\,b\n",
    b"[general]\nmethod=unix-listen\n",
    b"[general]\nmethod=\n",
]


@pytest.mark.parametrize("content", CONTENTS)
def test_configuration_files(content: bytes) -> None:
    compare(content)


def test_options_go_over_the_file() -> None:
    compare(b"[general]\npath=/file\nblock-rpcs=a,b\nverbose=1\n", ["-p", "/option", "-b", "c,d", "-D"])


def compare(content: bytes, words: list[str] | None = None) -> None:
    with tempfile.NamedTemporaryFile() as conf:
        conf.write(content)
        conf.flush()
        mine, real = ours(words or ["-D"], conf.name), theirs(words or ["-D"], conf.name)
    assert (mine.status, mine.out) == (real.status, real.out), real.err.decode("utf-8", "replace")
    assert mine.err.count(b"\n") == (1 if real.status else 0)


KEYS = ["daemon", "verbose", "path", "block-rpcs", "method", "logfile", "x", "a b", "path[de]", ""]
PIECES = st.sampled_from([*"=[]#;, \t\r\f\\snr/ax1", "true", "0", "é", "unix-listen", "[general]"])
VALUES = st.lists(PIECES, max_size=6).map("".join)
PAIRS = st.builds("{}{}={}{}".format, st.sampled_from(["", " ", "\t"]), st.sampled_from(KEYS), PIECES, VALUES)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(PAIRS, PAIRS, VALUES, st.sampled_from(["[general]", "[other]", "#c"])), max_size=5))
def test_any_file(lines: list[str]) -> None:
    compare("\n".join(["[general]", *lines]).encode())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.sampled_from(
            "-v -D -r -p -m -F -F/x -b -ba,b -r -l --path --path=x --me --fsfreeze-hook --b a,b unix-listen -- - -vr"
            " -vp --verbose --nope -x --method=isa-serial --dump -t -f -vDF --stat=/s --log --retry --pid=/p".split()
        ),
        max_size=6,
    )
)
def test_any_command_line(words: list[str]) -> None:
    mine, real = ours(["-D", *words], "/nonexistent"), theirs(["-D", *words], "/nonexistent")
    if real.status == 0 or b"CRITICAL" not in real.err:
        assert (mine.status, mine.out, mine.err) == (real.status, real.out, real.err)
    else:
        assert mine.status == 1
