"""The loop with real threads, a line in memory and commands that the test holds back."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any

import pytest

from guestwire.agent.baton import MAX_STUCK
from guestwire.agent.dispatcher import Dispatcher
from guestwire.agent.gate import Gate
from guestwire.agent.log import Log
from guestwire.agent.loop import Loop
from guestwire.agent.upload import Upload
from guestwire.errors import CommandError, StartError
from guestwire.wire.messages import Streamed

PATIENCE = 10.0  # seconds before a test gives up


class MemoryLine:
    """One host: the test calls `say` and `hear`; `half_close` stops sending, `leave` is gone for good."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sent: deque[bytes] = deque()
        self._heard = bytearray()
        self._over = False
        self._gone = False
        self.closed = False

    def read(self, limit: int = 65536) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._sent or self._over)
            return self._sent.popleft() if self._sent else b""

    def write(self, *buffers: bytes) -> bool:
        with self._changed:
            for buffer in buffers:
                self._heard += buffer
            self._changed.notify_all()
        return not self._gone

    def gone(self) -> bool:
        return self._gone

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def say(self, *requests: Any) -> None:
        data = b"".join(r if isinstance(r, bytes) else json.dumps(r).encode() for r in requests)
        with self._changed:
            self._sent.append(data)
            self._changed.notify_all()

    def ask(self, name: str, id: object = None, /, **arguments: Any) -> None:
        self.say({"execute": name, "arguments": arguments, "id": id})

    def hear(self) -> bytes:
        with self._changed:
            assert self._changed.wait_for(lambda: b"\n" in self._heard, PATIENCE), "no answer"
            line, _, rest = bytes(self._heard).partition(b"\n")
            self._heard[:] = rest
            return line

    def answer(self) -> tuple[Any, Any]:
        reply = json.loads(self.hear().lstrip(b"\xff"))
        return reply.get("return", reply.get("error", {}).get("desc")), reply.get("id")

    def half_close(self) -> None:
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def leave(self) -> None:
        self._gone = True
        self.half_close()

    def wait_closed(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.closed, PATIENCE)


class MemoryChannel:
    def __init__(self) -> None:
        self._waiting: deque[MemoryLine] = deque()
        self._changed = threading.Condition()
        self.lost = False

    def connect(self) -> MemoryLine:
        line = MemoryLine()
        with self._changed:
            self._waiting.append(line)
            self._changed.notify_all()
        return line

    def accept(self) -> MemoryLine:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self.lost)
            if self.lost:
                raise StartError("the device is gone")
            return self._waiting.popleft()

    def lose(self) -> None:
        with self._changed:
            self.lost = True
            self._changed.notify_all()


class TestAlarm:
    """Rings when the test says so: `ring()` relieves the command that runs now."""

    __test__ = False
    woken = False

    def arm(self) -> None: ...

    def disarm(self) -> None: ...

    def wake(self) -> None:
        self.woken = True


class TestEntry:
    __test__ = False

    def __init__(self, name: str, function: Any, **marks: Any) -> None:
        self.name = name
        self.function = function
        self.features = ()
        self.out_of_band = marks.get("oob", False)
        self.answers_success = marks.get("answers", True)
        self.streamed = marks.get("streamed")
        self.discarded: list[Any] = []

    def decode(self, arguments: Any) -> Any:
        return arguments or {}

    def discard(self, value: Any) -> None:
        self.discarded.append(value)

    def upload(self, **arguments: Any) -> Upload:
        return self.function.upload(**arguments)  # type: ignore[no-any-return]


class Gated:
    """A command that waits until the test lets it go."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, value: Any = None) -> Any:
        self.started.release()
        assert self.go.acquire(timeout=PATIENCE)
        if value == "fail":
            raise CommandError("it failed")
        if value == "stream":
            return Streamed("data", self.pieces(), dict)
        return value

    def pieces(self) -> Any:
        yield b"AAAA"
        yield b"BBBB"
        self.started.release()
        assert self.go.acquire(timeout=PATIENCE)
        yield b"CCCC"


class World:
    def __init__(self) -> None:
        self.channel = MemoryChannel()
        self.slow = Gated()
        self.alarm = TestAlarm()
        self.uploads: list[Any] = []
        entries = [
            TestEntry("guest-ping", lambda: None, oob=True),
            TestEntry("guest-sync", lambda id: id, oob=True),
            TestEntry("guest-sync-delimited", lambda id: id, oob=True),
            TestEntry("slow", self.slow),
            TestEntry("echo", lambda value: value),
            TestEntry("silent", lambda: None, answers=False),
            TestEntry("broken", lambda: 1 // 0),
            TestEntry("unreadable", self.unreadable),
            TestEntry("upload", self.taker(), streamed="data"),
        ]
        self.entries = {entry.name: entry for entry in entries}
        self.gate = Gate(block=["blocked"])
        dispatcher = Dispatcher(self.entries, self.gate, Log())  # type: ignore[arg-type]
        self.loop = Loop(self.channel, dispatcher, self.alarm, Log())  # type: ignore[arg-type]
        self.loop.start()

    @staticmethod
    def unreadable() -> None:
        raise PermissionError(13, "Permission denied", "/proc/kcore")

    def taker(self) -> Any:
        world = self

        class Collect(Upload):
            text = b""
            aborted = False

            def _take(self, text: bytes) -> None:
                if b"stop" in text:
                    world.slow()
                self.text += text

            def _result(self, **arguments: Any) -> Any:
                return self.text.decode()

            def abort(self) -> None:
                self.aborted = True

        def function(**arguments: Any) -> Any: ...

        def upload(**arguments: Any) -> Upload:
            self.uploads.append(Collect())
            return self.uploads[-1]  # type: ignore[no-any-return]

        function.upload = upload  # type: ignore[attr-defined]
        return function

    def ring(self) -> None:
        """The running command has used up its patience."""
        turn = self.loop.baton.running
        assert turn is not None
        turn.started -= 1
        self.loop.relieve()

    def settle(self, done: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end
            time.sleep(0.001)


@pytest.fixture
def world() -> Any:
    world = World()
    yield world
    world.channel.lose()


@pytest.fixture
def line(world: World) -> MemoryLine:
    return world.channel.connect()


def test_requests_are_answered_in_order(line: MemoryLine) -> None:
    line.say(
        b'{"execute":"guest-ping","id":1}{"execute":"echo","arguments":{"value":[2]},"id":2}@',
        {"execute": "no"},
    )
    assert line.answer() == ({}, 1)
    assert line.answer() == ([2], 2)
    assert "stray '@'" in line.answer()[0]
    assert line.answer() == ("The command no has not been found", None)


def test_what_goes_wrong_is_an_answer(line: MemoryLine) -> None:
    line.ask("broken", 1)
    assert line.answer() == ("broken failed: ZeroDivisionError: integer division or modulo by zero", 1)
    line.ask("unreadable", 2)
    assert line.answer() == ("unreadable failed: [Errno 13] Permission denied: '/proc/kcore'", 2)


def test_a_command_without_success_response_says_nothing(line: MemoryLine) -> None:
    line.ask("silent", 1)
    line.ask("guest-ping", 2)
    assert line.answer() == ({}, 2)


def test_the_delimiter_stands_before_its_own_answer_only(line: MemoryLine) -> None:
    line.say(
        b'{"execute":"guest-sync-delimited","arguments":{"id":7}}{"execute":"guest-sync","arguments":{"id":8}}'
    )
    assert line.hear() == b'\xff{"return": 7}'
    assert line.hear() == b'{"return": 8}'


def test_a_slow_command_is_answered_before_what_waits_behind_it(world: World, line: MemoryLine) -> None:
    line.ask("slow", 1, value="late")
    assert world.slow.started.acquire(timeout=PATIENCE)
    world.ring()
    line.ask("echo", 2, value="behind")
    line.ask("guest-ping", 3)
    assert line.answer() == ({}, 3)
    world.slow.go.release()
    assert line.answer() == ("late", 1)
    assert line.answer() == ("behind", 2)
    line.ask("echo", 4, value="again")
    assert line.answer() == ("again", 4)


def test_a_resync_abandons_a_stuck_command_and_drops_its_answer(world: World, line: MemoryLine) -> None:
    line.ask("slow", 1, value="late")
    assert world.slow.started.acquire(timeout=PATIENCE)
    world.ring()
    line.ask("echo", 2, value="behind")
    line.ask("guest-sync", 3, id=99)
    assert line.answer() == (99, 3)
    line.ask("echo", 4, value="fresh")
    assert line.answer() == ("fresh", 4)
    assert world.loop.baton.stuck == 1
    world.slow.go.release()
    world.settle(lambda: world.loop.baton.stuck == 0)
    assert world.entries["slow"].discarded == ["late"]
    line.ask("guest-ping", 5)
    assert line.answer() == ({}, 5)


def test_the_number_of_stuck_commands_is_bounded(world: World, line: MemoryLine) -> None:
    for number in range(MAX_STUCK):
        line.ask("slow", number)
        assert world.slow.started.acquire(timeout=PATIENCE)
        world.ring()
        line.ask("guest-sync", None, id=number)
        assert line.answer()[0] == number
    line.ask("echo", 1, value="x")
    assert "8 commands have not returned" in line.answer()[0]
    line.ask("guest-ping", 2)
    assert line.answer() == ({}, 2)
    for _ in range(MAX_STUCK):
        world.slow.go.release()
    world.settle(lambda: world.loop.baton.stuck == 0)
    line.ask("echo", 3, value="x")
    assert line.answer() == ("x", 3)


def test_a_half_sent_answer_is_cut_by_a_resync_and_holds_back_a_ping(world: World, line: MemoryLine) -> None:
    line.ask("slow", 1, value="stream")
    world.slow.go.release()
    for _ in range(2):
        assert world.slow.started.acquire(timeout=PATIENCE)
    world.ring()
    line.ask("guest-ping", 2)
    line.ask("guest-sync", 3, id=5)
    assert line.hear() == b'{"return": {"data": "AAAA'
    assert line.answer() == (5, 3)
    world.slow.go.release()
    line.ask("guest-ping", 4)
    assert line.answer() == ({}, 4)


def test_a_ping_behind_a_half_sent_answer_comes_after_it(world: World, line: MemoryLine) -> None:
    line.ask("slow", 1, value="stream")
    world.slow.go.release()
    for _ in range(2):
        assert world.slow.started.acquire(timeout=PATIENCE)
    world.ring()
    line.ask("guest-ping", 2)
    world.settle(lambda: len(world.loop.baton._queue) == 1)
    world.slow.go.release()
    assert line.answer() == ({"data": "AAAABBBBCCCC"}, 1)
    assert line.answer() == ({}, 2)


def test_a_host_that_leaves_abandons_its_command(world: World, line: MemoryLine) -> None:
    line.ask("slow", 1, value="late")
    assert world.slow.started.acquire(timeout=PATIENCE)
    world.ring()
    line.leave()
    line.wait_closed()
    other = world.channel.connect()
    other.ask("echo", 2, value="mine")
    assert other.answer() == ("mine", 2)
    world.slow.go.release()
    world.settle(lambda: world.loop.baton.stuck == 0)
    assert world.entries["slow"].discarded == ["late"]


def test_a_host_that_only_stops_sending_gets_its_answer(world: World, line: MemoryLine) -> None:
    line.ask("slow", 1, value="awaited")
    assert world.slow.started.acquire(timeout=PATIENCE)
    world.ring()
    line.half_close()
    world.slow.go.release()
    assert line.answer() == ("awaited", 1)
    line.wait_closed()


def test_a_half_request_does_not_reach_into_the_next_conversation(world: World, line: MemoryLine) -> None:
    line.say(b'{"execute":"gue')
    line.leave()
    other = world.channel.connect()
    other.ask("guest-ping", 1)
    assert other.answer() == ({}, 1)


UPLOAD = b'{"execute":"upload","arguments":{"data":"'


def test_an_upload(world: World, line: MemoryLine) -> None:
    line.say(UPLOAD + b"abc")
    line.say(b'def"},"id":1}')
    assert line.answer() == ("abcdef", 1)


def test_an_upload_that_a_resync_breaks_is_undone(world: World, line: MemoryLine) -> None:
    line.say(UPLOAD + b"abc")
    line.say(b'\xff{"execute":"guest-sync","arguments":{"id":7}}')
    assert "stray" in line.answer()[0]
    assert line.answer()[0] == 7
    assert world.uploads[0].aborted


def test_an_upload_whose_host_leaves_is_undone(world: World, line: MemoryLine) -> None:
    line.say(UPLOAD + b"abc")
    line.leave()
    line.wait_closed()
    assert world.uploads[0].aborted


def test_an_upload_that_gets_stuck_is_undone_once_it_returns(world: World, line: MemoryLine) -> None:
    line.say(UPLOAD + b"stop")
    assert world.slow.started.acquire(timeout=PATIENCE)
    world.ring()
    line.say(b'more"},"id":1}')
    line.ask("guest-sync", None, id=5)
    assert line.answer()[0] == 5
    line.ask("echo", 2, value="fresh")
    assert line.answer() == ("fresh", 2)
    world.slow.go.release()
    world.settle(lambda: world.uploads[0].aborted)


def test_an_upload_that_may_not_run_says_so_at_its_end(world: World, line: MemoryLine) -> None:
    world.gate.frozen = True
    line.say(UPLOAD + b"abc")
    line.say(b'def"},"id":1}')
    assert line.answer() == ("Command upload has been disabled: the command is not allowed", 1)


def test_a_lost_channel_is_told(world: World) -> None:
    world.channel.lose()
    world.settle(lambda: world.alarm.woken)
    assert world.loop.failed == "the device is gone"
