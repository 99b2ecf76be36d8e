"""`python -m guestwire.cli`."""

from __future__ import annotations

from guestwire.cli.main import program

program()
