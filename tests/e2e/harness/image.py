"""The light guest: Debian's cloud kernel, and an initramfs of busybox and Python. Made once, kept in a cache folder.

The agent of this checkout comes as a second archive behind the first: the kernel unpacks both.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.packaging.build import build

from .cpio import Archive

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("GUESTWIRE_CACHE", Path.home() / ".cache" / "guestwire")) / "light-guest"
KERNEL_PACKAGE = "linux-image-cloud-amd64"
PACKAGES = (
    "busybox-static python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libc6 zlib1g libexpat1"
    # chpasswd, and what it asks
    " passwd libpam0g libpam-modules libaudit1 libcap-ng0 libselinux1 libpcre2-8-0 libcrypt1 libtirpc3 libnsl2"
    " libgssapi-krb5-2 libkrb5-3 libk5crypto3 libkrb5support0 libcom-err2 libkeyutils1 libssl3 libsemanage2 libbz2-1.0"
    " libsepol2"
    # QEMU's own agent, the peer of the benches
    " qemu-guest-agent libglib2.0-0 libnuma1 libudev1 liburing2"
).split()
MODULES = (
    "virtio_pci virtio_console virtio_blk virtio_scsi virtio_net sd_mod ext4 crc32c_generic xfs nls_cp437 nls_ascii"
    " vfat loop button rtc_cmos acpi_cpufreq vmw_vsock_virtio_transport vsock_loopback"
).split()
# Of the standard library, only what Debian's minimal Python lacks and the agent can use.
STDLIB = (
    "json",
    "lib-dynload",
    "base64.py",
    "tempfile.py",
    "random.py",
    "bisect.py",
    "shutil.py",
    "fnmatch.py",
)


class CannotBuild(Exception):
    """This machine cannot make the guest; the text says why."""


def boot_files() -> tuple[Path, Path]:
    """Kernel and base initramfs, from the cache or made now. CannotBuild says what is missing."""
    folder = CACHE / recipe_of("")
    kernel, initramfs = folder / "vmlinuz", folder / "initramfs.gz"
    if not initramfs.exists():
        begin = time.monotonic()
        _build(kernel, initramfs)
        print(f"light guest built in {time.monotonic() - begin:.0f} s: {folder}", file=sys.stderr)
    return kernel, initramfs


def recipe_of(what: str) -> str:
    """A name for what these files make, with what else goes in: another recipe, another name."""
    recipe = "".join((HERE / name).read_text() for name in ("image.py", "cpio.py", "hand.py", "init.sh"))
    return hashlib.sha256((recipe + what).encode()).hexdigest()[:16]


def agent_archive() -> bytes:
    """The agent of this checkout as users get it for any guest: the zipapp that `make package` builds."""
    archive = Archive()
    archive.file("opt/guestwire-agent.pyz", build("zipapp").read_bytes(), 0o755)
    return gzip.compress(archive.bytes(), 1)


def _build(kernel: Path, initramfs: Path) -> None:
    for program in ("apt-get", "dpkg-deb", "apt-cache"):
        if not shutil.which(program):
            raise CannotBuild(f"the light guest is made of Debian's packages, and there is no {program} here")
    kernel.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kernel.parent) as name:
        root, kernel_root = Path(name) / "root", Path(name) / "kernel"
        unpack(PACKAGES, root)
        archive = Archive()
        _add_system(archive, root)
        add_modules(archive, kernel_root)
        shutil.copy(next(kernel_root.glob("boot/vmlinuz-*")), kernel)
        archive.file("init", (HERE / "init.sh").read_bytes(), 0o755)
        archive.file("hand.py", (HERE / "hand.py").read_bytes())
        unfinished = initramfs.with_suffix(".part")
        unfinished.write_bytes(gzip.compress(archive.bytes(), 1))
        unfinished.rename(initramfs)


def _kernel_package() -> str:
    done = subprocess.run(
        ["apt-cache", "depends", KERNEL_PACKAGE], capture_output=True, text=True, check=False
    )
    for line in done.stdout.splitlines():
        if "Depends:" in line and "linux-image-" in line:
            return line.split(":")[1].strip()
    raise CannotBuild(f"apt knows no {KERNEL_PACKAGE}: apt-get update first?")


def unpack(packages: list[str], place: Path) -> None:
    """Fetch packages of this machine's release and unpack them into a folder. CannotBuild when apt cannot."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        done = subprocess.run(
            ["apt-get", "download", "-q", *packages], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CannotBuild(f"apt-get download {' '.join(packages)}: {done.stderr.strip()[-300:]}")
        for package in Path(folder).glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, place], check=True)


def _add_system(archive: Archive, root: Path) -> None:
    archive.file("bin/busybox", (root / "bin/busybox").read_bytes(), 0o755)
    archive.node("dev/console", 5, 1)
    for folder in ("proc", "sys", "dev", "tmp", "run", "mnt", "var/run", "root", "etc/qemu", "sbin", "opt"):
        archive.folder(folder)
    archive.file("usr/bin/python3", (root / "usr/bin/python3.11").read_bytes(), 0o755)
    for folder in ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"):
        for path in sorted((root / folder).glob("*.so*")):
            _library(archive, path, f"lib/x86_64-linux-gnu/{path.name}")
    archive.file("usr/sbin/chpasswd", (root / "usr/sbin/chpasswd").read_bytes(), 0o755)
    archive.file("usr/sbin/qemu-ga", (root / "usr/sbin/qemu-ga").read_bytes(), 0o755)
    pam = root / "lib/x86_64-linux-gnu/security/pam_unix.so"
    archive.file("lib/x86_64-linux-gnu/security/pam_unix.so", pam.read_bytes())
    archive.file("etc/pam.d/chpasswd", b"password required pam_unix.so sha512\n")
    archive.link("lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
    minimal = {line.rpartition("/")[2] for line in _listing(root)}
    for path in sorted((root / "usr/lib/python3.11").iterdir()):
        if path.name in minimal or path.name in STDLIB:
            target = f"usr/lib/python3.11/{path.name}"
            archive.tree(path, target) if path.is_dir() else archive.file(target, path.read_bytes())


def _listing(root: Path) -> list[str]:
    """The modules of Debian's minimal Python: those a fresh unpacking of that package alone would have."""
    return [str(path) for path in root.glob("usr/lib/python3.11/*") if path.suffix == ".py"] + [
        "encodings", "importlib", "collections", "re",
    ]  # fmt: skip


def _library(archive: Archive, path: Path, name: str) -> None:
    if path.is_symlink():
        archive.link(name, str(path.readlink()))
    else:
        archive.file(name, path.read_bytes(), 0o755)


def add_modules(archive: Archive, root: Path) -> None:
    """Unpack the kernel's package into `root`, and put into the archive the modules a guest needs, in their order."""
    unpack([_kernel_package()], root)
    folder = next((root / "lib/modules").iterdir())
    needs: dict[str, list[str]] = {}
    where: dict[str, str] = {}
    order = (path.relative_to(folder) for path in folder.rglob("*.ko"))
    subprocess.run(["depmod", "-b", root, folder.name], check=True)
    for relative in order:
        where[relative.stem.replace("-", "_")] = str(relative)
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, deps = line.partition(":")
        needs[path] = deps.split()
    listed: list[str] = []

    def add(path: str) -> None:
        for dependency in needs.get(path, []):
            add(dependency)
        if path not in listed:
            listed.append(path)
            archive.file(f"modules/{Path(path).name}", (folder / path).read_bytes())

    for module in MODULES:
        if module in where:
            add(where[module])
    archive.file("modules/order", "".join(f"{Path(path).name}\n" for path in listed).encode())
