"""Arguments that do not fit a command's schema: both agents refuse them in the same words.

Nothing here runs a command: each request fails before that. With several unknown arguments QEMU's agent names the last
one of its own order, ours the first of the request's; no test asks for that.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .agents import Agent, Peer

CASES: list[tuple[str, str, str]] = [
    ("guest-ping", '{"x": 1}', "Parameter 'x' is unexpected"),
    ("guest-sync", "{}", "Parameter 'id' is missing"),
    ("guest-sync", '{"x": 2}', "Parameter 'id' is missing"),
    ("guest-sync", '{"id": 1, "x": 2}', "Parameter 'x' is unexpected"),
    ("guest-sync", '{"id": "1"}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": true}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": 1.0}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": 1e3}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": null}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": []}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": 9223372036854775808}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": -9223372036854775809}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-sync", '{"id": 99999999999999999999999}', "Invalid parameter type for 'id', expected: integer"),
    ("guest-file-open", "{}", "Parameter 'path' is missing"),
    ("guest-file-open", '{"mode": 1}', "Parameter 'path' is missing"),
    ("guest-file-open", '{"path": 1, "mode": 1}', "Invalid parameter type for 'path', expected: string"),
    ("guest-file-open", '{"path": "/", "mode": null}', "Invalid parameter type for 'mode', expected: string"),
    ("guest-file-open", '{"path": "/nonexistent/x", "zz": 1}', "Parameter 'zz' is unexpected"),
    ("guest-file-read", '{"handle": "1"}', "Invalid parameter type for 'handle', expected: integer"),
    (
        "guest-file-read",
        '{"handle": 1, "count": 1.5}',
        "Invalid parameter type for 'count', expected: integer",
    ),
    ("guest-file-write", '{"handle": 1}', "Parameter 'buf-b64' is missing"),
    (
        "guest-file-write",
        '{"handle": 1, "buf-b64": 1}',
        "Invalid parameter type for 'buf-b64', expected: string",
    ),
    ("guest-file-seek", '{"handle": 1, "offset": 0}', "Parameter 'whence' is missing"),
    (
        "guest-file-seek",
        '{"handle": 1, "offset": 0, "whence": "up"}',
        "Parameter 'whence' does not accept value 'up'",
    ),
    ("guest-exec", '{"arg": 1}', "Parameter 'path' is missing"),
    ("guest-exec", '{"path": 1, "arg": 1}', "Invalid parameter type for 'path', expected: string"),
    ("guest-exec", '{"path": "/gone", "arg": "a"}', "Invalid parameter type for 'arg', expected: array"),
    (
        "guest-exec",
        '{"path": "/gone", "arg": ["a", 1]}',
        "Invalid parameter type for 'arg[1]', expected: string",
    ),
    (
        "guest-exec",
        '{"path": "/gone", "arg": [[]], "x": 1}',
        "Invalid parameter type for 'arg[0]', expected: string",
    ),
    (
        "guest-exec",
        '{"path": "/gone", "env": [null]}',
        "Invalid parameter type for 'env[0]', expected: string",
    ),
    *[
        (
            "guest-file-seek",
            f'{{"handle": 1, "offset": 0, "whence": {value}}}',
            f"Invalid parameter type for 'whence', expected: {kind}",
        )
        for value, kind in [
            ("true", "GuestFileWhence"),
            ("null", "GuestFileWhence"),
            ("[]", "GuestFileWhence"),
            ("{}", "GuestFileWhence"),
            ("1.0", "integer"),
            ("18446744073709551615", "integer"),
        ]
    ],
]


def refuse(peer: Peer, name: str, arguments: str) -> dict[str, Any]:
    answer = peer.ask(f'{{"execute": "{name}", "arguments": {arguments}}}\n'.encode())
    return json.loads(answer)["error"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(("name", "arguments", "text"), CASES)
def test_refused_in_the_same_words(peer: Peer, name: str, arguments: str, text: str) -> None:
    assert refuse(peer, name, arguments) == {"class": "GenericError", "desc": text}


def test_an_alternate_is_called_by_its_name(agent: Agent, peer: Peer) -> None:
    """Version 7.2 has a plain flag there, later versions and ours more."""
    expected = "GuestExecCaptureOutput" if agent.ours else "boolean"
    text = refuse(peer, "guest-exec", '{"path": "/gone", "capture-output": 7}')["desc"]
    assert text == f"Invalid parameter type for 'capture-output', expected: {expected}"
