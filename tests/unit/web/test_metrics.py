async def test_prometheus_reads_all_and_one(client):
    every = await (await client.get("/metrics")).text()
    assert 'node_load1{guest="web1"} 0.5' in every
    assert "guestwire_polls_total" in every
    one = await (await client.get("/guests/web1/metrics")).text()
    assert "\nnode_load1 0.5" in one
    openmetrics = await client.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert "openmetrics" in openmetrics.headers["Content-Type"]


async def test_targets_for_prometheus(client):
    told = await (await client.get("/sd")).json()
    assert "web1" in str(told)


async def test_health(client, site):
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 200
    site.monitor.store.trouble = "the disk is full"
    answer = await client.get("/readyz")
    assert (answer.status, (await answer.json())["detail"]) == (503, "the disk is full")
