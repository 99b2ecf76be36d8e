async def test_the_daemon_says_how_it_is(client):
    told = await (await client.get("/api/v1/host")).json()
    assert told["guests"] == {"total": 3, "up": 1, "silent": 1, "off": 1}
    assert (told["polls"]["total"], told["polls"]["failures"]) == (12, 3)
    assert told["store"]["series"] > 20
    assert told["store"]["trouble"] is None
    assert told["process"]["resident_bytes"] > 0
    assert [one["seconds"] for one in told["slowest"]] == [0.5, 0.5, 0.5]
