"""The provider through its vtable, as VSS calls it."""

from __future__ import annotations

import ctypes

import pytest

from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.types import (
    BOOL32,
    E_NOTIMPL,
    E_POINTER,
    GUID,
    LONG,
    POINTER,
    S_FALSE,
    ULONG,
    guid,
)
from guestwire.agent.system.windows.vss import provider
from guestwire.agent.system.windows.vss.errors import OBJECT_NOT_FOUND, PROVIDER_VETO
from guestwire.agent.system.windows.vss.hold import Hold
from guestwire.agent.system.windows.vss.interfaces import (
    VARIANT,
    IVssEnumObject,
    IVssProviderCreateSnapshotSet,
    IVssSoftwareSnapshotProvider,
)

SET, OTHER = "11111111-2222-3333-4455-66778899aabb", "99999999-2222-3333-4455-66778899aabb"


@pytest.fixture
def hold() -> Hold:
    return Hold(limit=0.01)


@pytest.fixture
def made(hold: Hold) -> Reference:
    factory = provider.factory(hold)
    reference = Reference(factory.address(), provider.Factory.interfaces[0])
    iid = guid(IVssSoftwareSnapshotProvider.iid)
    found = reference.take("CreateInstance", IVssSoftwareSnapshotProvider, None, ctypes.addressof(iid))
    found.keep = factory  # type: ignore[attr-defined]
    return found


def test_other_programs_snapshots_are_none_of_its_business(made: Reference, hold: Hold) -> None:
    answer = BOOL32(7)
    made.call("IsVolumeSupported", "C:\\", ctypes.addressof(answer))
    assert answer.value == 0
    hold.begin(SET)
    made.call("IsVolumeSupported", "C:\\", ctypes.addressof(answer))
    assert answer.value == 1
    for step in ("EndPrepareSnapshots", "PreCommitSnapshots", "CommitSnapshots"):
        steps = made.query(IVssProviderCreateSnapshotSet)
        assert steps.attempt(step, guid(OTHER)) == PROVIDER_VETO
        assert not hold.reached.is_set()
    assert made.attempt("BeginPrepareSnapshot", guid(OTHER), guid(OTHER), "C:\\", 0) == PROVIDER_VETO
    assert made.attempt("BeginPrepareSnapshot", guid(SET), guid(OTHER), "C:\\", 0) == 0
    steps.call("AbortSnapshots", guid(OTHER))
    assert hold.lost is None


def test_a_commit_ends_by_itself(made: Reference, hold: Hold) -> None:
    hold.begin(SET)
    steps = made.query(IVssProviderCreateSnapshotSet)
    assert steps.attempt("CommitSnapshots", guid(SET)) == PROVIDER_VETO
    assert hold.reached.is_set()
    assert hold.lost is not None


def test_it_has_no_snapshots(made: Reference) -> None:
    place, number, flag = POINTER(), LONG(7), BOOL32(7)
    name = guid(SET)
    assert made.attempt("GetSnapshotProperties", name, ctypes.addressof(place)) == OBJECT_NOT_FOUND
    nothing = made.take("Query", IVssEnumObject, GUID(), 1, 3)
    fetched = ULONG(7)
    assert nothing.attempt("Next", 1, None, ctypes.addressof(fetched)) == S_FALSE
    assert fetched.value == 0
    assert nothing.attempt("Skip", 1) == S_FALSE
    assert nothing.attempt("Reset") == 0
    nothing.take("Clone", IVssEnumObject).release()
    nothing.release()
    places = (ctypes.addressof(number), ctypes.addressof(name))
    assert made.attempt("DeleteSnapshots", guid(SET), 2, 1, *places) == OBJECT_NOT_FOUND
    assert number.value == 0
    assert bytes(name) == bytes(16)
    number.value = 7
    made.call("IsVolumeSnapshotted", "C:\\", ctypes.addressof(flag), ctypes.addressof(number))
    assert (flag.value, number.value) == (0, 0)
    assert made.attempt("SetSnapshotProperty", name, 1, VARIANT()) == E_NOTIMPL
    assert made.attempt("RevertToSnapshot", name) == E_NOTIMPL
    assert made.attempt("QueryRevertStatus", "C:\\", None) == E_NOTIMPL


def test_places_that_are_none(made: Reference) -> None:
    assert made.attempt("IsVolumeSupported", "C:\\", None) == E_POINTER
    assert made.attempt("IsVolumeSnapshotted", "C:\\", None, None) == E_POINTER
    assert made.attempt("Query", GUID(), 1, 3, None) == E_POINTER
    assert made.attempt("DeleteSnapshots", GUID(), 1, 1, None, None) == E_POINTER
    assert made.take("Query", IVssEnumObject, GUID(), 1, 3).attempt("Clone", None) == E_POINTER
