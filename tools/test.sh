#!/usr/bin/env bash
# test.sh BIN: the whole test run. The floors that live in a guest are tested again on every other Python found.
set -eu
bin=$1
cd "$(dirname "$0")/.."

"$bin/ruff" format --check -q .
"$bin/ruff" check -q .
"$bin/mypy"

"$bin/python" -m pytest --cov --cov-report=term:skip-covered "${PYTEST_ARGS:---quiet}"

guest_floors="tests/unit/wire tests/unit/schema tests/unit/agent"
for version in 3.9 3.10 3.11 3.12 3.13 3.14; do
    python=$(tools/find_python.sh "$version") || continue
    "$bin/python" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] == '$version')" || continue
    venv=.venv-$version
    [ -x "$venv/bin/pytest" ] || {
        "$python" -m venv "$venv"
        "$venv/bin/python" -m pip install -q --disable-pip-version-check pytest pytest-timeout pytest-asyncio hypothesis
    }
    echo "== guest floors on Python $version"
    # shellcheck disable=SC2086
    PYTHONPATH=src "$venv/bin/python" -m pytest -q -p no:cacheprovider $guest_floors
done
