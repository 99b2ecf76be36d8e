"""A COM object of somebody else's; `test_server.py` has the one that is called here."""

from __future__ import annotations

import pytest

from guestwire.agent.system.windows.com.reference import Reference
from guestwire.agent.system.windows.com.types import ComError

from .test_server import ADDING, Adder


def test_a_reference_is_given_back_once() -> None:
    adder = Adder()
    adder.AddRef()
    reference = Reference(adder.address(), ADDING)
    reference.release()
    reference.release()
    assert adder.references == 0


def test_a_failure_names_the_call() -> None:
    adder = Adder()
    reference = Reference(adder.address(), ADDING)
    assert reference.attempt("Fail", 1) == 0x80042301
    with pytest.raises(ComError) as caught:
        reference.call("Fail", 1)
    assert (caught.value.what, caught.value.code) == ("Fail", 0x80042301)
