"""A guest in memory with real files of a folder of this machine, and harmless programs that really run on them."""

import base64
import os
import subprocess

from guestwire.errors import CommandError
from guestwire.testing import FakeGuest

HARMLESS = {"/bin/sh", "chmod", "sha256sum"}


class DiskGuest(FakeGuest):
    """`root` is the only folder it works in. `ran` counts the programs."""

    def __init__(self, root, answers=None, **options):
        self.root = os.fspath(root)
        self.ran = []
        self._ends = {}
        super().__init__(answers, **options)
        for name, answer in {
            "guest-exec": self._exec,
            "guest-exec-status": lambda arguments: self._ends[arguments["pid"]],
            "guest-file-open": self._open_real,
            "guest-file-write": self._write_real,
        }.items():
            self.answers.setdefault(name, answer)
            if not (answers or {}).get(name):
                self.answers[name] = answer

    def _exec(self, arguments):
        assert arguments["path"] in HARMLESS
        argv = [arguments["path"], *arguments["arg"]]
        paths = [each for each in argv if each.startswith("/") and each != "/bin/sh"]
        assert all(each.startswith(self.root) for each in paths), paths
        done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        self.ran.append(argv)
        self._ends[len(self.ran)] = end(done.stdout, done.returncode, done.stderr)
        return {"pid": len(self.ran)}

    def _open_real(self, arguments):
        path, mode = arguments["path"], arguments.get("mode", "r")
        assert path.startswith(self.root)
        try:
            with open(path, "rb" if mode == "r" else mode + "b+") as file:
                file.seek(0)
                self.files[path] = file.read()
        except OSError as error:
            raise CommandError.from_os(f"failed to open file '{path}'", error) from None
        return self._open(arguments)

    def _write_real(self, arguments):
        path, _ = self._file(arguments)
        answer = self._write(arguments)
        with open(path, "wb") as file:
            file.write(self.files[path])
        return answer


def end(stdout=b"", status=0, stderr=b"", **more):
    """What guest-exec-status says of a program that has ended."""
    b64 = {"out-data": base64.b64encode(stdout).decode(), "err-data": base64.b64encode(stderr).decode()}
    return {"exited": True, "exitcode": status, **b64, **more}


def saying(stdout, **more):
    """A guest whose programs all print `stdout`, whatever they are."""
    return FakeGuest({"guest-exec": {"pid": 1}, "guest-exec-status": end(stdout, **more)})
