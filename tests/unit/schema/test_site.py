"""A site's schema, read without regard to a platform. tests/unit/client/test_site.py has the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from guestwire.errors import ConfigError
from guestwire.schema import site


def test_conditions_hold_whatever_they_name(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(
        "##\n# @site-x:\n#\n# X.\n#\n# Since: 1\n##\n"
        "{ 'command': 'site-x', 'if': { 'all': [ 'CONFIG_SITE', 'CONFIG_WIN32' ] } }\n"
    )
    schema, base = site.load(str(tmp_path))
    assert list(schema.commands) == ["site-x"]
    assert "GuestFileRead" in base


def test_files(tmp_path: Path) -> None:
    assert site.files("/a/b.json") == ["/a/b.json"]
    with pytest.raises(ConfigError, match="no schema files"):
        site.files(str(tmp_path))
    for name in ("b.json", "a.json", "c.txt"):
        (tmp_path / name).touch()
    assert [Path(file).name for file in site.files(str(tmp_path))] == ["a.json", "b.json"]
