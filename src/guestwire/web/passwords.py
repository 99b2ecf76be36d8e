"""Passwords, hashed by Argon2id as RFC 9106's second recommendation has it (argon2-cffi's default)."""

from __future__ import annotations

import threading

from guestwire.errors import ConfigError

try:
    import argon2
except ImportError:  # an optional part: only a daemon with users needs it
    argon2 = None  # type: ignore[assignment]

LONGEST = 1024  # bytes of a password
_AT_ONCE = threading.BoundedSemaphore(2)  # one hash takes 64 MiB
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def _hasher() -> argon2.PasswordHasher:
    if argon2 is None:
        raise ConfigError("passwords need the package argon2-cffi; install guestwire[monitor]")
    return argon2.PasswordHasher()


def hashed(password: str) -> str:
    """A new hash. Takes tens of milliseconds."""
    return _hasher().hash(password)


def fits(password: str, wanted: str | None) -> bool:
    """Whether a password is the one hashed; None (no such user) takes as long and never fits. Blocks: use a thread."""
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            return _hasher().verify(wanted or _NOBODY, password) and wanted is not None
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False
