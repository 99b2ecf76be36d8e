"""Third-party files that are shipped are those on record, with their licenses."""

import json

from tools import vendor


def test_shipped_files_are_those_on_record():
    assert vendor.faults() == []


def test_each_package_has_a_version_and_its_license():
    packages = json.loads(vendor.RECORD.read_text())["packages"]
    assert packages
    for package in packages:
        assert package["version"]
        assert package["license"]
        assert any("LICENSE" in name for name in package["files"]), package["name"]
