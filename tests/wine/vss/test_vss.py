"""Freeze and thaw on Windows, end to end: a stand-in for vssapi.dll that a C compiler made of the Windows headers.

Wine's own VSS is a stub, so this is as near as it gets: COM, the registry, the class object, the vtables and calling
conventions of both directions are real; the coordinator behind them is `vssapi.c`.
"""

from __future__ import annotations

import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.wine.rig import SerialPeer, Wine, drive_z, serving

HERE = Path(__file__).parent
COMPILER = "x86_64-w64-mingw32-gcc"
LIBRARIES = ["-lole32", "-loleaut32", "-luuid", "-ladvapi32"]
COORDINATOR = r"HKLM\Software\Classes\CLSID\{e579ab5f-1cc4-44b4-bed9-de0991ff0623}\InprocServer32"
PROVIDER, CLASS = "82537e00-1a54-4929-bfcf-e3f9fef56450", "7743385f-9bb4-48cb-928d-0345e8de5102"
SNAPSHOT_SET = "11223344-5566-7788-99aa-bbccddeeff01"
NIL = "00000000-0000-0000-0000-000000000000"


class Stage:
    """Where the stand-in finds its scenario and writes its calls."""

    def __init__(self, wine: Wine, folder: Path) -> None:
        self.wine = wine
        self.library = folder / "vssapi.dll"
        self._scenario = folder / "scenario"
        self._log = folder / "calls"
        wine.environment["WINEDLLOVERRIDES"] += ";vssapi=n"
        wine.environment["VSS_SCENARIO"] = drive_z(self._scenario)
        wine.environment["VSS_LOG"] = drive_z(self._log)
        self.play("")

    def play(self, scenario: str) -> None:
        """How the next snapshot goes; the list of calls begins anew."""
        self._scenario.write_text(scenario)
        self._log.write_text("")

    def calls(self) -> list[str]:
        return self._log.read_text("utf-8", "replace").splitlines()

    def program(self) -> tuple[str, ...]:
        return (drive_z(HERE / "run.py"), drive_z(self.library))

    def service(self, verb: str) -> str:
        """What `--service VERB` prints."""
        return self.wine.run(*self.program(), "--service", verb)


@pytest.fixture(scope="module")
def stage(wine: Wine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if shutil.which(COMPILER) is None:
        pytest.skip(f"{COMPILER} is not installed: apt-get install gcc-mingw-w64-x86-64-win32")
    folder = tmp_path_factory.mktemp("vss")
    before = dict(wine.environment)
    stage = Stage(wine, folder)
    command = [
        COMPILER,
        "-shared",
        "-O1",
        "-Wall",
        "-Werror",
        "-o",
        str(stage.library),
        str(HERE / "vssapi.c"),
    ]
    subprocess.run([*command, *LIBRARIES], check=True)
    wine.tool("reg", "add", COORDINATOR, "/ve", "/d", drive_z(stage.library), "/f")
    wine.tool("reg", "add", COORDINATOR, "/v", "ThreadingModel", "/d", "Both", "/f")
    yield stage
    wine.tool("reg", "delete", COORDINATOR.rpartition("\\")[0], "/f")
    wine.environment = before


@pytest.fixture(scope="module")
def agent(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SerialPeer]:
    assert stage.service("vss-install") == ""
    with serving(stage.wine, tmp_path_factory.mktemp("agent"), program=stage.program()) as peer:
        yield peer
    assert stage.service("vss-uninstall") == ""


@pytest.fixture
def peer(agent: SerialPeer, stage: Stage) -> SerialPeer:
    agent.sync()
    stage.play("")
    return agent


def volumes(peer: SerialPeer) -> int:
    return len(peer.value("guest-get-fsinfo"))


def test_a_freeze_and_a_thaw(peer: SerialPeer, stage: Stage) -> None:
    count = volumes(peer)
    assert peer.value("guest-fsfreeze-status") == "thawed"
    assert peer.value("guest-fsfreeze-freeze") == count
    assert peer.value("guest-fsfreeze-status") == "frozen"
    assert stage.calls()[-1] == "CommitSnapshots", "the provider is in it"
    assert "disabled" in peer.error("guest-get-osinfo")
    assert peer.value("guest-ping") == {}
    assert peer.value("guest-fsfreeze-thaw") == count
    assert peer.value("guest-fsfreeze-status") == "thawed"
    assert "return" in peer.call("guest-get-osinfo")


def test_both_sides_agree_with_the_headers(peer: SerialPeer, stage: Stage) -> None:
    """Every kind of argument, in both directions: structures by value, text, one-byte booleans, places for answers."""
    peer.value("guest-fsfreeze-freeze-list", mountpoints=["C:\\"])
    assert peer.value("guest-fsfreeze-thaw") == 1
    calls = stage.calls()
    volume = next(call for call in calls if call.startswith("AddToSnapshotSet")).split()[1]
    assert volume.startswith("\\\\?\\Volume{")
    assert calls == [
        "InitializeForBackup 0000000000000000",
        "SetContext 0x200002b",
        "SetBackupState 0 1 1 0",
        f"provider {CLASS}: 0x0",
        f"AddToSnapshotSet {volume} {PROVIDER}",
        f"DeleteSnapshots 0x80042308 0 {NIL}",
        "IsVolumeSnapshotted 0x0 0 0",
        "GetSnapshotProperties 0x80042308",
        "SetSnapshotProperty 0x80004001",
        "RevertToSnapshot 0x80004001",
        "Query 0x1",
        "Next 0x1 0",
        "a foreign commit 0x80042306",
        "EndPrepareSnapshots 0x0",
        "PreCommitSnapshots 0x0",
        "CommitSnapshots",
        "committed 0x0",
        "references 0",
        "BackupComplete",
    ]


def test_a_client_of_windows_has_no_transportable_snapshots(peer: SerialPeer, stage: Stage) -> None:
    stage.play("client")
    assert peer.value("guest-fsfreeze-freeze") > 0
    assert peer.value("guest-fsfreeze-thaw") > 0
    assert [call for call in stage.calls() if call.startswith("SetContext")] == [
        "SetContext 0x200002b",
        "SetContext 0x200000b",
    ]


def test_a_windows_that_misses_the_snapshot_at_the_end(peer: SerialPeer, stage: Stage) -> None:
    stage.play("unseen")
    assert peer.value("guest-fsfreeze-freeze") > 0
    assert peer.value("guest-fsfreeze-thaw") > 0
    assert stage.calls()[-1] == "AbortBackup"


@pytest.mark.parametrize(
    ("scenario", "told"),
    [
        ("veto", 'VSS writer "Dätabase" refuses: VSS_E_WRITERERROR_RETRYABLE (0x800423F3): '),
        ("busy", "VSS failed at StartSnapshotSet: VSS_E_SNAPSHOT_SET_IN_PROGRESS (0x80042316): "),
        ("no flush", "VSS failed at DoSnapshotSet: VSS_E_FLUSH_WRITES_TIMEOUT (0x80042313): "),
    ],
)
def test_a_freeze_that_fails(peer: SerialPeer, stage: Stage, scenario: str, told: str) -> None:
    stage.play(scenario)
    assert peer.error("guest-fsfreeze-freeze").startswith(told)
    assert stage.calls()[-1] == "AbortBackup"
    assert peer.value("guest-fsfreeze-status") == "thawed"
    assert "return" in peer.call("guest-get-osinfo")
    stage.play("")
    assert peer.value("guest-fsfreeze-freeze") > 0
    assert peer.value("guest-fsfreeze-thaw") > 0


def test_vss_aborts_the_freeze(peer: SerialPeer, stage: Stage) -> None:
    """As when a writer's minute is over: the agent thaws by itself, and the host's thaw says so."""
    stage.play("abort")
    assert peer.value("guest-fsfreeze-freeze") > 0
    await_status(peer, "thawed")
    assert "return" in peer.call("guest-get-osinfo")
    assert peer.error("guest-fsfreeze-thaw") == (
        "the filesystems were not frozen until the thaw: "
        "VSS has aborted the snapshot; the Application event log says why"
    )
    assert peer.value("guest-fsfreeze-thaw") == 0


def test_windows_held_the_writes_too_short(peer: SerialPeer, stage: Stage) -> None:
    stage.play("not held")
    assert peer.value("guest-fsfreeze-freeze") > 0
    assert "VSS_E_HOLD_WRITES_TIMEOUT (0x80042314)" in peer.error("guest-fsfreeze-thaw")
    assert peer.value("guest-fsfreeze-status") == "thawed"


def test_a_thaw_that_never_comes(peer: SerialPeer, stage: Stage) -> None:
    """The provider gives up before Windows does, after 9.5 seconds."""
    assert peer.value("guest-fsfreeze-freeze") > 0
    await_status(peer, "thawed")
    assert "committed 0x80042306" in stage.calls()
    assert "no thaw came within 9.5 seconds" in peer.error("guest-fsfreeze-thaw")


def test_registering(stage: Stage, agent: SerialPeer) -> None:
    """Twice is as good as once; the freeze of a provider that VSS does not know says what to do."""
    stage.play("")
    assert stage.service("vss-install") == ""
    assert stage.service("vss-uninstall") == ""
    assert stage.service("vss-uninstall") == ""
    assert agent.error("guest-fsfreeze-freeze") == (
        "VSS failed at IsVolumeSupported: VSS_E_PROVIDER_NOT_REGISTERED (0x80042304): "
        "the provider is not registered; run guestwire-agent --service vss-install"
    )
    stage.play("")
    assert stage.service("vss-install") == ""
    version = "f8503349-4aba-4324-a92f-58fe9535d191"
    assert stage.calls() == [
        f"RegisterProvider {PROVIDER} {CLASS} guestwire agent VSS provider 2 1.0 {version}"
    ]
    assert agent.value("guest-fsfreeze-freeze") > 0
    assert agent.value("guest-fsfreeze-thaw") > 0


def await_status(peer: SerialPeer, wanted: str) -> None:
    deadline = time.monotonic() + 60
    while peer.value("guest-fsfreeze-status") != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_agent_that_is_killed_leaves_nothing_frozen(stage: Stage, tmp_path: Path) -> None:
    """Its provider ends with it; the next agent on the same state folder begins thawed."""
    assert stage.service("vss-install") == ""
    for _ in range(2):
        with serving(stage.wine, tmp_path, program=stage.program()) as peer:
            assert peer.value("guest-fsfreeze-status") == "thawed"
            assert peer.value("guest-fsfreeze-freeze") > 0
            assert peer.value("guest-fsfreeze-status") == "frozen"
    assert stage.service("vss-uninstall") == ""


def test_the_provider_from_another_process(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COM finds it in the agent's process and asks it there for an interface that it does not have.

    By a class id that no test has used: Wine's COM still sends callers to the agents that have been killed before.
    """
    monkeypatch.setitem(stage.wine.environment, "VSS_CLASS", str(uuid.uuid4()))
    assert stage.service("vss-install") == ""
    with serving(stage.wine, tmp_path, program=stage.program()) as peer:
        assert peer.value("guest-fsfreeze-freeze") > 0  # offers the class
        assert peer.value("guest-fsfreeze-thaw") > 0
        assert stage.wine.run(drive_z(HERE / "caller.py")) == "made\nQueryInterface: 0x80004002\n"
    assert stage.service("vss-uninstall") == ""
