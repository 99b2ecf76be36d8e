"""The loop: the only place where bytes and meaning meet. `baton.py` has the rule of who does what."""

from __future__ import annotations

from _thread import start_new_thread
from time import sleep

from guestwire.agent.baton import Baton
from guestwire.agent.conversation import Conversation
from guestwire.errors import CommandError, StartError
from guestwire.wire.messages import Fault, Request, StreamData, StreamStart, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.alarm import Alarm
    from guestwire.agent.baton import Turn
    from guestwire.agent.channels.base import Channel
    from guestwire.agent.dispatcher import Dispatcher
    from guestwire.agent.log import Log
    from guestwire.agent.windows_alarm import WindowsAlarm
    from guestwire.wire.agent import Event


class Loop:
    """Serves one channel. `start()` begins in a thread of its own; `failed` is set when the channel is lost."""

    def __init__(
        self, channel: Channel, dispatcher: Dispatcher, alarm: Alarm | WindowsAlarm, log: Log
    ) -> None:
        self._channel = channel
        self._dispatcher = dispatcher
        self._alarm = alarm
        self._log = log
        self.baton = Baton()
        self.failed: str | None = None
        self._conversation: Conversation | None = None

    def start(self) -> None:
        """Begin to serve."""
        start_new_thread(self._serve, (self.baton.seat,))

    def relieve(self) -> None:
        """The alarm rang: put a new reader beside a command that takes long."""
        seat = self.baton.depose()
        if seat is not None:
            start_new_thread(self._serve, (seat,))

    def _serve(self, seat: object) -> None:
        """A reader's life: conversations one after another, until the channel is lost or the seat is."""
        try:
            while self.baton.seat is seat:
                if self._conversation is None:
                    self._conversation = Conversation(self._channel.accept(), self._dispatcher.streams)
                if not self._converse_safely(self._conversation, seat):
                    return
                self._hang_up(self._conversation)
                self._conversation = None
        except StartError as error:
            self.failed = str(error)
            self._alarm.wake()

    def _converse_safely(self, conversation: Conversation, seat: object) -> bool:
        """Whatever one host's bytes do to the agent, the next host is served."""
        try:
            return self._converse(conversation, seat)
        except Exception as error:
            self._log.error(
                f"a conversation was ended by a fault of the agent: {type(error).__name__}: {error}"
            )
            return self.baton.seat is seat

    def _converse(self, conversation: Conversation, seat: object) -> bool:
        """Read and serve until the host leaves (True) or this thread loses the seat (False)."""
        inbox, receive = conversation.inbox, conversation.protocol.receive
        while True:
            while inbox:
                self._take(conversation, inbox.popleft())
                if self.baton.seat is not seat:
                    return False
            conversation.flush()
            data = conversation.line.read()
            if not data:
                return True
            inbox.extend(receive(data))

    def _take(self, conversation: Conversation, event: Event) -> None:
        """Answer at once what may be answered at once; run or queue the rest."""
        dispatcher = self._dispatcher
        if type(event) is Request and dispatcher.out_of_band(event) and self._may_answer(conversation, event):
            conversation.post(dispatcher.answer(event))
            return
        try:
            if self.baton.defer(event):
                return
            conversation.flush()
            turn = self.baton.begin(conversation, event)
        except CommandError as error:
            if type(event) is Request:
                conversation.post(failure(error.desc, id=event.id))
            return
        self._alarm.arm()
        self._perform(turn)
        self._alarm.disarm()
        if not self.baton.end(turn):
            self._finish(turn)

    def _may_answer(self, conversation: Conversation, request: Request) -> bool:
        """May an out-of-band command be answered now? A resync abandons what still runs."""
        if self.baton.running is None:
            return True
        if self._dispatcher.is_resync(request):
            turn = self.baton.abandon()
            if turn is not None:
                self._log.warning(f"{turn.name()} has not returned; a resync abandons it")
                conversation.upload = None
                conversation.cut(turn)
            return True
        return not conversation.partial

    def _perform(self, turn: Turn) -> None:
        """Run the turn's event and answer it. Nothing is raised: whatever goes wrong is an answer too."""
        event, conversation = turn.event, turn.conversation
        if type(event) is Request and event.streamed is None:
            for buffers, last in self._dispatcher.answers(event, turn):
                if not conversation.answer(turn, buffers, last):
                    return
        elif type(event) is StreamStart:
            conversation.upload = self._dispatcher.upload(event)
        else:
            self._go_on_with_upload(turn)

    def _go_on_with_upload(self, turn: Turn) -> None:
        """The next piece of an upload, or its end: the request it belongs to, or the fault that undoes it."""
        event, conversation = turn.event, turn.conversation
        upload = conversation.upload
        if type(event) is StreamData:
            if upload is not None:
                upload.feed(event.data)
                if turn.abandoned:
                    upload.abort()
            return
        conversation.upload = None
        if type(event) is Request:
            conversation.answer(turn, self._dispatcher.finish(upload, event))
        elif type(event) is Fault:
            if upload is not None:
                upload.abort()
            conversation.answer(turn, failure(event.desc, id=event.id))

    def _finish(self, turn: Turn) -> None:
        """A deposed turn has been answered: work off what was queued behind it."""
        following = self.baton.next_queued(turn)
        while following is not None:
            self._perform(following)
            following = self.baton.next_queued(following)

    def _hang_up(self, conversation: Conversation) -> None:
        """The host has left, or has only stopped sending: then it still gets the answer it waits for."""
        pause = 0.001
        while self.baton.running is not None and not conversation.line.gone():
            sleep(pause)
            pause = min(pause * 2, 0.05)
        if self.baton.abandon() is None and conversation.upload is not None:
            conversation.upload.abort()  # an upload that is stuck in a turn is undone by that turn's thread
        conversation.close()
