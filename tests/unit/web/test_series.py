import time


async def test_series_and_their_newest_values(client):
    told = await (await client.get("/api/v1/guests/web1/series?limit=5")).json()
    assert len(told["series"]) == 5
    assert told["next"] == "5"
    assert (await client.get("/api/v1/guests/web1/series?cursor=x")).status == 400


async def test_buckets_of_one_series(client):
    answer = await client.get(
        "/api/v1/guests/web1/query", params={"series": 'node_network_receive_bytes_total{device="eth0"}'}
    )
    (found,) = (await answer.json())["result"]
    assert found["kind"] == "counter"
    assert round(found["average"][-1]) == 100


async def test_a_query_has_bounds(client):
    now = time.time()
    path = "/api/v1/guests/web1/query"
    assert (await client.get(path, params={"series": "nope"})).status == 404
    assert (await client.get(path)).status == 400
    assert (
        await client.get(path, params={"series": "a", "start": str(now - 1e6), "step": "0.01"})
    ).status == 400
    assert (await client.get(path, params={"series": "a", "start": "nan"})).status == 400
