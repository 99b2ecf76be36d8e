"""The copyright file of the host's .deb, in Debian's machine-readable form: ours, and whatever comes bundled.

The license texts themselves are in the package, beside each library; the file says where.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from pathlib import Path

_NOTICE = re.compile(r"^\W*(Copyright\b.*\d{4}.*)$", re.IGNORECASE | re.MULTILINE)
_MOST = 5  # notices of one library that are repeated; all of them stand in its own files


def bundled(place: Path, installed: str) -> str:
    """A paragraph for each library that pip has put into `place`, which becomes the folder `installed`."""
    found = sorted(importlib.metadata.distributions(path=[str(place)]), key=lambda each: each.name.lower())
    return "".join(_paragraph(each, place, installed) for each in found)


def vendored(record: Path, installed: str) -> str:
    """The same for files of npm packages; `record` is vendor.json beside them, `installed` their folder."""
    packages = json.loads(record.read_text())["packages"]
    return "".join(
        _stanza(
            [f"{installed}/{file}" for file in each["files"]],
            _notices([record.parent / file for file in each["files"] if "LICENSE" in file]),
            each["license"],
            f"{each['name']} {each['version']}, from its npm package; the license is beside it",
        )
        for each in packages
    )


def _paragraph(library: importlib.metadata.Distribution, place: Path, installed: str) -> str:
    files = [str(file) for file in library.files or () if not str(file).startswith("..")]
    tops = sorted({file.split("/")[0] for file in files if "__pycache__" not in file})
    texts = [file for file in files if re.search(r"dist-info/.*(LICEN[CS]E|COPYING|NOTICE)", file)]
    where = ", ".join(f"/{installed}/{file}" for file in texts) or "the library's own description"
    return _stanza(
        [f"{installed}/{top}" + ("/*" if (place / top).is_dir() else "") for top in tops],
        _notices([place / file for file in texts]) or [f"the authors of {library.name}"],
        _license(library),
        f"{library.name} {library.version}, as its authors ship it; the license is in {where}",
    )


def _stanza(files: list[str], holders: list[str], license_name: str, comment: str) -> str:
    return (
        "\nFiles: "
        + "\n ".join(files)
        + "\nCopyright: "
        + "\n ".join(holders)
        + f"\nLicense: {license_name}\n"
        f"Comment: {comment}\n"
    )


def _notices(paths: list[Path]) -> list[str]:
    texts = "\n".join(path.read_text(errors="replace") for path in paths if path.is_file())
    return list(dict.fromkeys(notice.strip() for notice in _NOTICE.findall(texts)))[:_MOST]


def _license(library: importlib.metadata.Distribution) -> str:
    """Its SPDX name where it has one, else the last word of its classifier."""
    told = library.metadata
    short = told.get("License-Expression") or told.get("License") or ""
    if short and "\n" not in short and len(short) < 60:
        return str(short)
    classified = [each for each in told.get_all("Classifier") or () if each.startswith("License ::")]
    return " or ".join(each.rsplit(":: ", 1)[1] for each in classified) or "see the comment"
