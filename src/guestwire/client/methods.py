"""`Conversations`: every method that both clients have."""

from __future__ import annotations

from guestwire.client._methods import Methods
from guestwire.client.flavour import conversation
from guestwire.client.flows import execute
from guestwire.client.recipes.copies import copy_from, copy_to, sha256
from guestwire.client.recipes.files import read_file, write_file
from guestwire.client.recipes.folders import describe, list_folder, make_folders, make_private, permit
from guestwire.client.recipes.freezing import freeze, thaw
from guestwire.client.recipes.programs import run
from guestwire.client.recipes.readiness import wait_ready
from guestwire.client.recipes.streams import receive, send
from guestwire.client.recipes.trees import copy_tree_from, copy_tree_to


class Conversations(Methods):
    """Inherited by `GuestAgent`, where they return results, and `AsyncGuestAgent`, where they return coroutines."""

    execute = conversation(execute)

    read_file = conversation(read_file)
    write_file = conversation(write_file)
    copy_to = conversation(copy_to)
    copy_from = conversation(copy_from)
    copy_tree_to = conversation(copy_tree_to)
    copy_tree_from = conversation(copy_tree_from)
    sha256 = conversation(sha256)
    receive = conversation(receive)
    send = conversation(send)

    list_folder = conversation(list_folder)
    describe = conversation(describe)
    make_folders = conversation(make_folders)
    make_private = conversation(make_private)
    permit = conversation(permit)

    run = conversation(run)

    freeze = conversation(freeze)
    thaw = conversation(thaw)

    wait_ready = conversation(wait_ready)
