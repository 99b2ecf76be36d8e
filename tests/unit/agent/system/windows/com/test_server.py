"""A COM object in Python, called through its vtable."""

from __future__ import annotations

import ctypes

import pytest

from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.server import ComObject, Factory
from guestwire.agent.system.windows.com.types import (
    CLASS_E_NOAGGREGATION,
    E_FAIL,
    E_NOINTERFACE,
    E_POINTER,
    GUID,
    ICLASSFACTORY,
    IUNKNOWN,
    LONG,
    POINTER,
    S_OK,
    ULONG,
    ComError,
    Interface,
    guid,
)

ADDING = Interface(
    "IAdding", "a0000000-0000-0000-0000-000000000001", ("Add", GUID, LONG, POINTER), ("Fail", LONG)
)
OTHER = Interface("IOther", "a0000000-0000-0000-0000-000000000002", ("Nothing",))
NEITHER = Interface("INeither", "a0000000-0000-0000-0000-000000000003")


class Adder(ComObject):
    interfaces = (ADDING, OTHER)

    def Add(self, name: GUID, number: int, place: int) -> None:
        LONG.from_address(place).value = name.Data1 + number

    def Fail(self, how: int) -> int:
        if how == 1:
            raise ComError("Fail", 0x80042301)
        return {2: 5}[how]

    def Nothing(self) -> int:
        return 1


def test_calls_with_a_structure_by_value() -> None:
    adder = Adder()
    reference = Reference(adder.address(), ADDING)
    answer = LONG()
    assert (
        reference.call("Add", guid("00000028-0000-0000-0000-000000000000"), 2, ctypes.addressof(answer))
        == S_OK
    )
    assert answer.value == 42


def test_nothing_escapes_but_an_hresult() -> None:
    adder = Adder()
    reference = Reference(adder.address(), ADDING)
    assert reference.attempt("Fail", 1) == 0x80042301
    assert reference.attempt("Fail", 7) == E_FAIL
    assert reference.call("Fail", 2) == 5
    with pytest.raises(ComError, match="Fail: 0x80004005"):
        reference.call("Fail", 7)


def test_its_interfaces_and_references() -> None:
    adder = Adder()
    first = Reference(adder.address(), ADDING)
    second = first.query(OTHER)
    assert second.attempt("Nothing") == 1
    assert adder.references == 1
    assert second.query(IUNKNOWN).address == first.address, "one object has one identity"
    second.release()
    second.release()
    assert adder.references == 1
    with pytest.raises(ComError) as caught:
        first.query(NEITHER)
    assert caught.value.code == E_NOINTERFACE
    assert first.attempt("QueryInterface", None, None) == E_POINTER


def test_a_factory() -> None:
    adder = Adder()
    factory = Factory(adder)
    reference = Reference(factory.address(), ICLASSFACTORY)
    iid, place = guid(OTHER.iid), ULONG()
    made = reference.take("CreateInstance", OTHER, None, ctypes.addressof(iid))
    assert made.address == adder.address(OTHER)
    assert reference.attempt("CreateInstance", 1, ctypes.addressof(iid), ctypes.addressof(place)) == (
        CLASS_E_NOAGGREGATION
    )
    assert reference.attempt("LockServer", 1) == S_OK


class Silent(ComObject):
    interfaces = (ICLASSFACTORY,)

    def CreateInstance(self, *_: object) -> int:
        return S_OK

    def LockServer(self, _lock: int) -> int:
        return S_OK


def test_a_success_without_an_object() -> None:
    silent = Silent()
    with pytest.raises(ComError):
        Reference(silent.address(), ICLASSFACTORY).take("CreateInstance", IUNKNOWN, None, None)
