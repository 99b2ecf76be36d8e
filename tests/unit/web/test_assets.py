import gzip
import re

import pytest

from guestwire.web.assets import FOLDER, Assets

OURS = sorted(
    path
    for folder in ("templates", "static")
    for path in (FOLDER / folder).rglob("*")
    if path.suffix in (".js", ".html", ".css", ".svg") and "vendor" not in path.parts
)
MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser"
    r"|\beval\(|new Function|srcdoc"
)
ELSEWHERE = re.compile(r"""(?:src|href|url\(|from|import\(|fetch\()\s*=?\s*["'(]?\s*(?:https?:)?//""")


def name(path):
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", OURS, ids=name)
def test_no_string_is_ever_read_as_markup(path):
    """A guest's text goes into the page as text: what would parse it is used nowhere."""
    assert not MARKUP.findall(path.read_text())


@pytest.mark.parametrize("path", OURS, ids=name)
def test_nothing_is_fetched_from_elsewhere(path):
    assert not ELSEWHERE.findall(path.read_text().replace("http://www.w3.org/2000/svg", ""))


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".html"], ids=name)
def test_no_script_or_style_stands_in_a_page(path):
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", text)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_files_stay_small(path):
    assert path.read_text().count("\n") <= 300


def test_an_asset_is_named_by_what_is_in_all_of_them(tmp_path):
    (tmp_path / "a.js").write_text("// a\n" * 500)
    first = Assets(tmp_path)
    asset = first.get("a.js")
    assert gzip.decompress(asset.packed) == asset.body
    assert first.url("a.js") == f"/static/{first.digest}/a.js"
    assert first.get("b.js") is None
    (tmp_path / "b.css").write_text("a{}")
    second = Assets(tmp_path)
    assert second.digest != first.digest
    assert second.get("b.css").packed == b""


def test_what_is_put_together_is_an_asset_too(tmp_path):
    (tmp_path / "a.js").write_text("// a\n")
    assets = Assets(tmp_path)
    before = assets.digest
    assets.put("page/a.js", "let a;")
    assert assets.text("page/a.js") == "let a;"
    assert assets.digest != before, "no browser may keep what was made in another way"


def test_files_of_no_known_kind_are_not_served(tmp_path):
    (tmp_path / "x.py").write_text("1")
    assert Assets(tmp_path).get("x.py") is None
