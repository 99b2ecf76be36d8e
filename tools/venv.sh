#!/bin/sh
# venv.sh PYTHON DIR: a virtual environment with this project (editable) and all that its tests need.
set -eu
python=$1
venv=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "guestwire's host side needs Python 3.11 or later; $python is $("$python" -V 2>&1)." >&2
    echo "Name another one: make PYTHON=python3.12 ..." >&2
    exit 1
}
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -e ".[dev]"
