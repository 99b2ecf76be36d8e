"""Who is logged in. What a browser holds is random; the store keeps its hash, so that a restart logs nobody out."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from guestwire.web.routes import Caller

if TYPE_CHECKING:
    from guestwire.monitor.store.store import Store
    from guestwire.web.settings import Settings

_NOTE = "logins"
LOGINS = 1000  # that are kept; the oldest goes


@dataclass(slots=True)
class Login:
    """`password` is a fingerprint of the user's hash: a new password ends old logins. `ends` in seconds."""

    user: str
    password: str
    csrf: str
    ends: float


class Logins:
    """All logins."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self.settings = settings
        self._clock = clock
        self._known: dict[str, Login] = {}
        text = store.noted(_NOTE)
        if text:
            self._known = {key: Login(**one) for key, one in json.loads(text).items()}

    def begin(self, user: str) -> tuple[str, Caller]:
        """Log a user in; gives what the browser holds."""
        secret = secrets.token_urlsafe(32)
        ends = self._clock() + self.settings.login_hours * 3600
        login = Login(user, self._fingerprint(user), secrets.token_urlsafe(24), ends)
        self._forget_old()
        while len(self._known) >= LOGINS:
            del self._known[next(iter(self._known))]
        self._known[_digest(secret)] = login
        self._save()
        return secret, self._caller(login)

    def find(self, secret: str) -> Caller | None:
        """Whose login it is, if it still holds."""
        login = self._known.get(_digest(secret))
        if login is None or login.ends <= self._clock() or login.user not in self.settings.users:
            return None
        if not secrets.compare_digest(login.password, self._fingerprint(login.user)):
            return None
        return self._caller(login)

    def end(self, secret: str) -> None:
        """Log out."""
        if self._known.pop(_digest(secret), None) is not None:
            self._save()

    def _caller(self, login: Login) -> Caller:
        return Caller(login.user, self.settings.users[login.user].role, login.csrf)

    def _fingerprint(self, user: str) -> str:
        return _digest(self.settings.users[user].password)[:16]

    def _forget_old(self) -> None:
        now = self._clock()
        self._known = {key: login for key, login in self._known.items() if login.ends > now}

    def _save(self) -> None:
        self._store.note(_NOTE, json.dumps({key: asdict(login) for key, login in self._known.items()}))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
