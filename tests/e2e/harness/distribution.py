"""Guests of other releases of Debian: the same kernel and hand, that release's libc, tools and Python.

The whole root, unpacked by `mmdebstrap --variant=extract` (nothing in it is run while it is made), is the initramfs.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .cpio import Archive
from .image import CACHE, HERE, CannotBuild, add_modules, boot_files, recipe_of, unpack

PYTHONS = {"bullseye": "3.9", "trixie": "3.13"}
"""The releases, with the Python that each brings; bookworm's is the light guest itself."""

INCLUDE = "python3-minimal,libpython3-stdlib,passwd,libpam-modules"
LEFT_OUT = (
    "usr/share/doc",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/perl",
    "usr/share/zoneinfo",
    "var",
)


def release_files(release: str) -> tuple[Path, Path]:
    """Kernel and initramfs of a guest of that release, from the cache or made now. CannotBuild says what is missing."""
    kernel, _ = boot_files()
    initramfs = CACHE / f"{recipe_of(release + INCLUDE)}-{release}.gz"
    if not initramfs.exists():
        begin = time.monotonic()
        _build(release, initramfs)
        print(f"{release} guest built in {time.monotonic() - begin:.0f} s: {initramfs}", file=sys.stderr)
    return kernel, initramfs


def _build(release: str, initramfs: Path) -> None:
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        raise CannotBuild("guests of other releases are built by mmdebstrap, as root")
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        root, tools, kernel_root = Path(name) / "root", Path(name) / "tools", Path(name) / "kernel"
        command = ["mmdebstrap", "--quiet", "--variant=extract", f"--include={INCLUDE}", release, str(root)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise CannotBuild(f"mmdebstrap {release}: {done.stderr.strip()[-300:]}")
        unpack(["busybox-static"], tools)
        for path in LEFT_OUT:
            shutil.rmtree(root / path, ignore_errors=True)
        archive = Archive()
        for folder in ("bin", "sbin", "lib", "lib64"):
            if not (root / folder).exists():  # this release has merged them into /usr
                archive.link(folder, f"usr/{folder}")
        for folder in ("proc", "sys", "dev", "tmp", "run", "mnt", "var/run", "root", "opt"):
            archive.folder(folder)
        archive.tree(root, "")
        archive.node("dev/console", 5, 1)
        archive.file("bin/busybox", (tools / "bin/busybox").read_bytes(), 0o755)
        archive.file("etc/pam.d/chpasswd", b"password required pam_unix.so sha512\n")
        add_modules(archive, kernel_root)
        archive.file("init", (HERE / "init.sh").read_bytes(), 0o755)
        archive.file("hand.py", (HERE / "hand.py").read_bytes())
        unfinished = initramfs.with_suffix(".part")
        unfinished.write_bytes(gzip.compress(archive.bytes(), 1))
        unfinished.rename(initramfs)
