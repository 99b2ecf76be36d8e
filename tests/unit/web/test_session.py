"""Logging in, through the real application: roles, tokens, forged requests, limits."""

import hashlib
from dataclasses import replace

import argon2
import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from guestwire.web import passwords
from guestwire.web.app import make_app
from guestwire.web.roles import Role
from guestwire.web.settings import Settings, Token, User, settings_of
from guestwire.web.site import Site

CHEAP = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST)


def users():
    return {
        name: User(CHEAP.hash(f"{name}'s secret"), Role[name.upper()])
        for name in ("viewer", "operator", "admin")
    }


@pytest.fixture
async def guarded(site, monkeypatch):
    """A client that nobody is logged in with."""
    monkeypatch.setattr(passwords.argon2, "PasswordHasher", lambda: CHEAP)
    tokens = {"scraper": Token(hashlib.sha256(b"s3cret").hexdigest(), Role.VIEWER)}
    made = Site(site.monitor, site.poller, Settings(users=users(), tokens=tokens))
    async with TestClient(TestServer(make_app(made)), cookie_jar=CookieJar(unsafe=True)) as client:
        client.site = made
        yield client


async def log_in(client, name, password=None):
    state = await (await client.get("/api/v1/session")).json()
    body = {"user": name, "password": password or f"{name}'s secret"}
    return await client.post("/api/v1/session", json=body, headers={"X-CSRF-Token": state["csrf"]})


async def test_nobody_sees_anything(guarded):
    state = await (await guarded.get("/api/v1/session")).json()
    assert (state["login_required"], state["user"], state["may"]) == (True, None, [])
    for path in (
        "/api/v1/guests",
        "/metrics",
        "/sd",
        "/api/v1/events",
        "/guests/web1/metrics",
        "/api/v1/host",
    ):
        answer = await guarded.get(path)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    for path in ("/healthz", "/readyz", "/api/v1/openapi.json"):
        assert (await guarded.get(path)).status == 200


async def test_logging_in_and_out(guarded):
    answer = await log_in(guarded, "operator")
    state = await answer.json()
    assert (answer.status, state["user"], state["role"]) == (200, "operator", "operator")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert (await guarded.get("/api/v1/guests")).status == 200
    answer = await guarded.delete("/api/v1/session", headers={"X-CSRF-Token": state["csrf"]})
    assert answer.status == 204
    assert (await guarded.get("/api/v1/guests")).status == 401


async def test_a_wrong_password(guarded, caplog):
    answer = await log_in(guarded, "operator", "wrong")
    assert (answer.status, (await answer.json())["detail"]) == (401, "no such user, or a wrong password")
    answer = await log_in(guarded, "no\nbody\x1b[2J", "wrong")
    assert answer.status == 401
    assert "\x1b" not in caplog.text
    assert "no\nbody" not in caplog.text


async def test_passwords_are_not_tried_out(guarded):
    statuses = [(await log_in(guarded, "operator", "wrong")).status for _ in range(12)]
    assert statuses[:10] == [401] * 10
    assert statuses[10:] == [429, 429]
    assert (await log_in(guarded, "operator")).status == 429


SILENCE = {"matchers": [{"label": "guest", "op": "=", "value": "x"}], "duration_seconds": 5}


async def test_roles_are_asked_of(guarded):
    state = await (await log_in(guarded, "viewer")).json()
    answer = await guarded.post("/api/v1/silences", json=SILENCE, headers={"X-CSRF-Token": state["csrf"]})
    assert answer.status == 403
    assert (await answer.json())["detail"] == "this needs the role operator; viewer is viewer"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"X-CSRF-Token": "wrong"}, 403),
        ({"X-CSRF-Token": "csrf", "Origin": "http://evil.example"}, 403),
        ({"X-CSRF-Token": "csrf", "Origin": "null"}, 403),
        ({"X-CSRF-Token": "csrf", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-CSRF-Token": "csrf", "Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": "csrf", "Sec-Fetch-Site": "same-origin"}, 201),
        ({"X-CSRF-Token": "csrf"}, 201),
    ],
)
async def test_forged_requests_are_refused(guarded, headers, status):
    state = await (await log_in(guarded, "operator")).json()
    headers = {key: state["csrf"] if value == "csrf" else value for key, value in headers.items()}
    assert (await guarded.post("/api/v1/silences", json=SILENCE, headers=headers)).status == status


async def test_logging_in_cannot_be_forged_either(guarded):
    body = {"user": "viewer", "password": "viewer's secret"}
    answer = await guarded.post("/api/v1/session", json=body, headers={"Origin": "http://evil.example"})
    assert answer.status == 403
    answer = await guarded.post("/api/v1/session", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 403, "no token of this page"


async def test_programs_send_a_token(guarded):
    answer = await guarded.get("/metrics", headers={"Authorization": "Bearer s3cret"})
    assert answer.status == 200
    answer = await guarded.post("/api/v1/silences", json=SILENCE, headers={"Authorization": "Bearer s3cret"})
    assert answer.status == 403
    for wrong in ("Bearer x", "Basic s3cret", "Bearer", "Bearer \udcff"):
        assert (await guarded.get("/metrics", headers={"Authorization": wrong})).status in (400, 401)


async def test_wrong_tokens_are_not_tried_out(guarded):
    statuses = [
        (await guarded.get("/metrics", headers={"Authorization": "Bearer x"})).status for _ in range(25)
    ]
    assert statuses[-1] == 429


async def local(site, **settings):
    made = Site(site.monitor, site.poller, replace(Settings(), **settings))
    return TestClient(TestServer(make_app(made)))


async def test_on_loopback_the_daemon_s_own_user_may_do_everything(client):
    state = await (await client.get("/api/v1/session")).json()
    assert (state["login_required"], state["role"]) == (False, "admin")
    assert state["user"].startswith("local uid ")
    assert "power" in state["may"]


async def test_what_comes_through_a_proxy_is_never_the_owner_s(client):
    for header in ("X-Forwarded-For", "Forwarded", "Via"):
        state = await (await client.get("/api/v1/session", headers={header: "10.0.0.1"})).json()
        assert state["role"] == "viewer"


async def test_other_users_of_this_machine_may_look(site, monkeypatch):
    monkeypatch.setattr("guestwire.web.callers.user_of", lambda peer, own: 4242)
    async with await local(site) as client:
        state = await (await client.get("/api/v1/session")).json()
    assert (state["user"], state["role"]) == ("local uid 4242", "viewer")


async def test_the_configuration_may_give_local_programs_one_role(site):
    async with await local(site, local_role="operator") as client:
        assert (await (await client.get("/api/v1/session")).json())["role"] == "operator"


async def test_a_page_elsewhere_cannot_use_a_browser_of_this_machine(client):
    answer = await client.post("/api/v1/silences", json=SILENCE, headers={"Origin": "http://evil.example"})
    assert answer.status == 403
    assert (await client.post("/api/v1/silences", json=SILENCE)).status == 201, "curl is no browser"


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_cookie_given_through_a_tls_proxy_is_secure(guarded, trusted):
    if trusted:
        proxies = settings_of({"trusted_proxies": ["127.0.0.0/8"]}).trusted_proxies
        guarded.site.reload(replace(guarded.site.settings, trusted_proxies=proxies))
    state = await (await guarded.get("/api/v1/session")).json()
    answer = await guarded.post(
        "/api/v1/session",
        json={"user": "viewer", "password": "viewer's secret"},
        headers={"X-CSRF-Token": state["csrf"], "X-Forwarded-Proto": "https"},
    )
    assert answer.status == 200
    assert bool(answer.cookies["guestwire"]["secure"]) == trusted
    assert ("Strict-Transport-Security" in answer.headers) == trusted
