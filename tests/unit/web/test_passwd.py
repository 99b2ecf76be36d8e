import hashlib
import io

import tomllib

from guestwire.web import passwd
from guestwire.web.settings import settings_of


def test_a_user_s_table_is_printed(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    assert passwd.main(['al"ice', "--role", "operator"]) == 0
    settings = settings_of(tomllib.loads(capsys.readouterr().out)["web"])
    assert list(settings.users) == ['al"ice']


def test_a_token_is_shown_once_and_kept_as_its_hash(capsys):
    assert passwd.main(["grafana", "--token"]) == 0
    told = capsys.readouterr()
    token = told.err.split()[-1]
    assert token not in told.out
    settings = settings_of(tomllib.loads(told.out)["web"])
    assert settings.tokens["grafana"].sha256 == hashlib.sha256(token.encode()).hexdigest()


def test_a_short_password_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert passwd.main(["alice"]) == 2
    assert "at least 8" in capsys.readouterr().err
