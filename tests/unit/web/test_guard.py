import pytest


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:8790", 200),
        ("[::1]:8790", 200),
        ("evil.example", 421),
        ("localhost.evil.example:80", 421),
        ("", 421),
    ],
)
async def test_the_host_header_is_checked(client, host, status):
    assert (await client.get("/healthz", headers={"Host": host})).status == status


async def test_every_answer_is_guarded(client):
    for path in ("/api/v1/guests", "/nowhere", "/api/v1/guests/nobody"):
        answer = await client.get(path)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_path_that_is_not_there_is_a_problem_too(client):
    answer = await client.get("/api/v1/nowhere")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    answer = await client.post("/api/v1/guests")
    assert (answer.status, "GET" in answer.headers["Allow"]) == (405, True)


async def test_a_fault_of_ours_is_a_problem_without_details(client, site, monkeypatch, caplog):
    monkeypatch.setattr(site.overview, "rows", lambda **_: 1 / 0)
    answer = await client.get("/api/v1/guests")
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert "division" not in await answer.text()
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/api/v1/guests?limit=0", "limit"),
        ("/api/v1/guests?limit=1&limit=2", "limit"),
        ("/api/v1/guests?nonsense=1", None),
        ("/api/v1/guests?state=null", "state"),
        ("/api/v1/host?x=1", "x"),
    ],
)
async def test_parameters_are_as_described(client, path, where):
    answer = await client.get(path)
    assert (answer.status, (await answer.json())["where"]) == (400, where)


@pytest.mark.parametrize("method", ["get", "head"])
async def test_a_person_who_is_lost_gets_a_page(client, method):
    answer = await getattr(client, method)("/guest/web1", headers={"Accept": "text/html,*/*"})
    assert (answer.status, answer.content_type) == (404, "text/html")
    assert answer.headers["Cache-Control"] == "no-store"


async def test_a_program_that_is_lost_is_told_where_the_api_is(client):
    answer = await client.get("/api/v1/nope")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert "openapi.json" in (await answer.json())["detail"]


async def test_a_method_that_is_not_taken(client):
    answer = await client.options("/api/v1/guests")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
    assert (await answer.json())["detail"] == "this takes GET, HEAD"
