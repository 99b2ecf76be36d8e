import gzip

import pytest

from guestwire.web import pages


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
async def test_every_page_is_served_with_all_that_it_names(client, page):
    answer = await client.get(page.path.replace("{guest}", "u-1"))
    text = await answer.text()
    assert answer.status == 200
    assert answer.content_type == "text/html"
    assert "{{" not in text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    named = [part.split('"')[0] for part in text.split('"/static/')[1:]]
    assert {f"page/{page.name}.js", f"page/{page.name}.css"} <= {name.partition("/")[2] for name in named}
    for name in named:
        asset = await client.get(f"/static/{name}")
        assert asset.status == 200, name
        assert asset.headers["Cache-Control"] == pages.FOR_EVER


async def test_a_page_that_a_browser_has_is_not_sent_again(client):
    first = await client.get("/")
    again = await client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert first.headers["Cache-Control"] == pages.ASK_AGAIN


async def test_assets_go_compressed_to_those_that_can_read_it(client):
    url = pages.assets().url("css/base.css")
    plain = await client.get(url, headers={"Accept-Encoding": "identity"})
    packed = await client.get(url, headers={"Accept-Encoding": "gzip"}, auto_decompress=False)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(await packed.read()) == await plain.read()
    assert packed.headers["Vary"] == "Accept-Encoding", "a login must not make a browser fetch all anew"


async def test_an_asset_of_another_version_is_not_kept_for_ever(client):
    answer = await client.get("/static/older/css/base.css")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == pages.ASK_AGAIN


@pytest.mark.parametrize("name", ["css/none.css", "..%2f..%2fapp.py", "../pages.py"])
async def test_nothing_but_assets_is_served(client, name):
    answer = await client.get(f"/static/x/{name}")
    assert answer.status == 404


async def test_the_pages_of_guests_leave_their_metrics_alone(client):
    assert "node_load1" in await (await client.get("/guests/u-1/metrics")).text()


@pytest.mark.parametrize(
    ("cookie", "marked"), [("dark", True), ("light", True), ('"><script>', False), ("", False)]
)
async def test_a_page_comes_in_the_colours_that_were_chosen(client, cookie, marked):
    answer = await client.get("/", headers={"Cookie": f"guestwire-theme={cookie}"})
    text = await answer.text()
    assert (f'data-theme="{cookie}"' in text) == marked
    assert "<script>" not in text
    assert "Cookie" in answer.headers["Vary"]
