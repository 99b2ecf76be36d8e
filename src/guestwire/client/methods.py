"""`Conversations`: every method that both clients have."""

from __future__ import annotations

from guestwire.client._methods import Methods
from guestwire.client.flavour import conversation
from guestwire.client.flows import execute
from guestwire.client.recipes.copies import copy_from, copy_to, sha256
from guestwire.client.recipes.files import read_file, write_file
from guestwire.client.recipes.freezing import freeze, thaw
from guestwire.client.recipes.programs import run
from guestwire.client.recipes.readiness import wait_ready


class Conversations(Methods):
    """Inherited by `GuestAgent`, where they return results, and `AsyncGuestAgent`, where they return coroutines."""

    execute = conversation(execute)

    read_file = conversation(read_file)
    write_file = conversation(write_file)
    copy_to = conversation(copy_to)
    copy_from = conversation(copy_from)
    sha256 = conversation(sha256)

    run = conversation(run)

    freeze = conversation(freeze)
    thaw = conversation(thaw)

    wait_ready = conversation(wait_ready)
