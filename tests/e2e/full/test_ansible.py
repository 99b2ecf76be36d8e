"""Ansible works on a guest without a network: its `community.libvirt.libvirt_qemu` connection, through both agents.

ansible-core and the collection are fetched by pip into the cache; they run on the system's Python, which has libvirt's
bindings (python3-libvirt).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.conftest import ready
from tests.e2e.harness.cpio import Archive
from tests.e2e.harness.image import CACHE, unpack
from tests.e2e.harness.libvirt import DOMAIN, Libvirt

PYTHON = "/usr/bin/python3"
COLLECTION = "ansible_collections/community/libvirt/"
PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - raw: /bin/sh -c 'echo raw $(hostname) >&2; exit 3'
      register: raw
      failed_when: raw.rc != 3 or 'raw light' not in raw.stderr
    - ping:
    - command: uname -n
      register: name
      failed_when: name.stdout != 'light'
    - copy: {src: "FOLDER/sent", dest: /root/sent, mode: "0640"}
    - stat: {path: /root/sent, checksum_algorithm: sha1}
      register: there
      failed_when: there.stat.checksum != 'SHA1' or there.stat.mode != '0640'
    - lineinfile: {path: /root/list, line: "one", create: true}
    - lineinfile: {path: /root/list, line: "one"}
      register: again
      failed_when: again.changed
    - fetch: {src: /root/sent, dest: "FOLDER/fetched", flat: true}
    - shell: cat
      args: {stdin: "näher"}
      register: cat
      failed_when: cat.stdout != 'näher'
"""


def whole_python(folder: Path) -> bytes:
    """All of Debian's standard library as an archive for the guest: Ansible's modules need more than the agent."""
    archive = Archive()
    unpack(["libpython3.11-minimal", "libpython3.11-stdlib"], folder)
    archive.tree(folder / "usr/lib/python3.11", "usr/lib/python3.11")
    return gzip.compress(archive.bytes(), 1)


def ansible_folder() -> Path:
    """A folder with ansible-core and the one collection, made once."""
    folder = CACHE.parent / "ansible"
    if (folder / COLLECTION).exists():
        return folder
    version = subprocess.run(
        [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    pip = [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check"]
    fitting = ["--python-version", version, "--only-binary=:all:"]
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([*pip, "install", "--target", str(folder), *fitting, "ansible-core"], check=True)
    download = folder / "wheel"
    subprocess.run([*pip, "download", "--no-deps", "-d", str(download), *fitting, "ansible"], check=True)
    with zipfile.ZipFile(next(download.glob("ansible-*.whl"))) as wheel:
        wheel.extractall(folder, [name for name in wheel.namelist() if name.startswith(COLLECTION)])
    shutil.rmtree(download)
    return folder


def play(libvirt: Libvirt, folder: Path, ansible: Path) -> str:
    """Run the playbook; the line of the recap."""
    data = os.urandom(200_000)
    (folder / "sent").write_bytes(data)
    (folder / "fetched").unlink(missing_ok=True)
    text = PLAY.replace("FOLDER", str(folder)).replace("SHA1", hashlib.sha1(data).hexdigest())
    (folder / "play.yml").write_text(text)
    socket = f"?socket={libvirt.folder}/run/libvirt/libvirt-sock"
    (folder / "hosts.ini").write_text(
        f"{DOMAIN} ansible_connection=community.libvirt.libvirt_qemu ansible_libvirt_uri=qemu:///session{socket}"
        " ansible_python_interpreter=/usr/bin/python3\n"
    )
    environment = {
        **libvirt.environment, "PYTHONPATH": str(ansible), "ANSIBLE_COLLECTIONS_PATH": str(ansible),
        "ANSIBLE_HOME": str(folder / "home"), "HOME": str(folder), "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1",
    }  # fmt: skip
    start = "import sys; sys.argv = ['ansible-playbook', *sys.argv[1:]]; from ansible.cli.playbook import main; main()"
    done = subprocess.run(
        [PYTHON, "-c", start, "-i", str(folder / "hosts.ini"), str(folder / "play.yml")],
        env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert (folder / "fetched").read_bytes() == data
    recap = re.search(rf"^{DOMAIN} .*ok=.*$", done.stdout, re.MULTILINE)
    assert recap, done.stdout
    return recap[0]


def test_a_playbook_through_both_agents(tmp_path: Path) -> None:
    if not os.environ.get("GUESTWIRE_FULL"):
        pytest.skip("full part: GUESTWIRE_FULL=1 (make e2e) runs it")
    ready()
    if not shutil.which("libvirtd", path=os.environ["PATH"] + ":/usr/sbin"):
        pytest.skip("libvirtd is not installed")
    if subprocess.run([PYTHON, "-c", "import libvirt"], capture_output=True, check=False).returncode:
        pytest.skip("python3-libvirt is not installed")
    ansible = ansible_folder()
    recaps = []
    with Libvirt(extra=whole_python(tmp_path / "python")) as libvirt:
        for ours in (False, True):
            libvirt.sh("rm -rf /root/*")
            libvirt.start_agent(ours)
            recaps.append(play(libvirt, tmp_path, ansible))
            libvirt.stop_agent()
    assert recaps[0] == recaps[1]
    assert "failed=0" in recaps[1]
