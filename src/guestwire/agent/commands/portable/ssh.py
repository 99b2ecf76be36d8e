"""guest-ssh-get-authorized-keys, guest-ssh-add-authorized-keys and guest-ssh-remove-authorized-keys."""

from __future__ import annotations

from guestwire.agent import platform
from guestwire.agent.text import to_os
from guestwire.errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guestwire.agent.system.linux.authorized_keys import AuthorizedKeys

_BLANK = b" \t\r\v\f"


def guest_ssh_get_authorized_keys(username: str) -> dict[str, list[str]]:
    """The lines that are neither empty nor comments; the last one first, as the C agent has them."""
    lines = (line.strip(_BLANK) for line in _read(_keys_of(username)))
    keys = [line.decode("utf-8", "surrogateescape") for line in lines if line and not line.startswith(b"#")]
    return {"keys": keys[::-1]}


def guest_ssh_add_authorized_keys(username: str, keys: list[str], reset: bool | None = None) -> None:
    """Append the keys that are not there yet; with `reset` the given keys are all that is left.

    As the C agent does, the lines are joined by line ends with none behind the last.
    """
    new = _checked(keys)
    file = _keys_of(username)
    lines = [] if reset else _read(file, missing_is_empty=True)
    for key in new:
        if key not in lines:
            lines.append(key)
    try:
        file.make_folder()
    except OSError as error:
        raise CommandError(f"failed to create directory '{file.folder}': {error.strerror}") from None
    _write(file, lines)


def guest_ssh_remove_authorized_keys(username: str, keys: list[str]) -> None:
    """Remove the lines that are exactly one of the keys. A file that does not exist holds none of them."""
    gone = _checked(keys)
    file = _keys_of(username)
    lines = _read(file, missing_is_empty=True)
    kept = [line for line in lines if line not in gone]
    if kept != lines:
        _write(file, kept)


def _checked(keys: list[str]) -> list[bytes]:
    for key in keys:
        if key.startswith("#") or "\n" in key:
            raise CommandError(f"invalid OpenSSH public key: '{key}'")
    return [to_os(key) for key in keys]


def _keys_of(username: str) -> AuthorizedKeys:
    name = f"guestwire.agent.system.{platform.current()}.authorized_keys"
    module = __import__(name, fromlist=["keys_of"])
    try:
        return module.keys_of(username)  # type: ignore[no-any-return]
    except (LookupError, ValueError):  # ValueError: NUL or a lone surrogate
        raise CommandError(f"failed to lookup user '{username}': Success") from None


def _read(file: AuthorizedKeys, missing_is_empty: bool = False) -> list[bytes]:
    """The lines; behind a final line end there is an empty one."""
    try:
        content = file.read()
    except OSError as error:
        if missing_is_empty and isinstance(error, FileNotFoundError):
            return []
        why = f"Failed to open file “{file.path}”: {error.strerror}"
        raise CommandError(f"failed to read '{file.path}': {why}") from None
    return content.split(b"\n") if content else []


def _write(file: AuthorizedKeys, lines: list[bytes]) -> None:
    try:
        file.write(b"\n".join(lines))
    except OSError as error:
        raise CommandError(f"failed to write to '{file.path}': {error.strerror}") from None
