#!/bin/sh
# find_python.sh 3.9: print the path of that interpreter, wherever it is installed; exit 1 when it is not.
set -eu
version=$1
for candidate in "$(command -v "python$version" || true)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python3; do
    if [ -x "$candidate" ] && "$candidate" -c "import sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null
    then
        echo "$candidate"
        exit 0
    fi
done
exit 1
