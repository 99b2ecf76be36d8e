"""The driver by itself: `execute` alone, and an end from another thread."""

from __future__ import annotations

import gc
import socket
import threading
import weakref
from contextlib import suppress
from pathlib import Path

import pytest

from guestwire.client.driver import Driver
from guestwire.errors import ChannelClosed
from guestwire.testing import FakeGuest, MemoryChannel

PATIENCE = 20.0


def test_it_executes() -> None:
    with Driver(MemoryChannel(FakeGuest({"guest-get-time": 5}))) as driver:
        assert driver.execute("guest-get-time") == 5


def test_an_interrupt_ends_the_call_of_another_thread(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        driver = Driver(f"unix:{tmp_path / 's'}", timeout=PATIENCE)
        driver.interrupt()  # harmless when nothing is open

        def interrupt() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1)
                driver.interrupt()

        other = threading.Thread(target=interrupt)
        other.start()
        with pytest.raises(ChannelClosed):
            driver.execute("guest-ping")
        other.join(PATIENCE)
        driver.close()


def test_an_interrupted_channel_in_memory_is_closed() -> None:
    driver = Driver(MemoryChannel(FakeGuest()))
    driver.execute("guest-ping")
    driver.interrupt()
    with pytest.raises(ChannelClosed):
        driver.execute("guest-ping")
    assert driver.execute("guest-ping") == {}


def test_an_error_does_not_keep_the_channel_open() -> None:
    driver = Driver("unix:/nowhere")
    channel = weakref.ref(driver._transport)
    gc.disable()  # counting references must do
    try:
        with suppress(ChannelClosed):  # pytest.raises would keep the error
            driver.execute("guest-ping")
        del driver
        assert channel() is None
    finally:
        gc.enable()
