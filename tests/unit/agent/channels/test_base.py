from __future__ import annotations

import pytest

from guestwire.agent.channels.base import Channel, Line


def test_the_interface_does_nothing_by_itself() -> None:
    channel, line = Channel(), Line()
    for call in (channel.open, channel.accept, channel.close, line.read, line.write, line.gone, line.close):
        with pytest.raises(NotImplementedError):
            call()
