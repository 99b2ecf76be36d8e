"""`python -m guestwire.broker`: as `guestwire broker`."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from guestwire.broker.launch import Choices, serve
from guestwire.errors import ConfigError, GuestwireError


def main() -> int:
    """Read the command line and serve. Returns the exit status: 0, 1 for a failure, 2 for wrong usage."""
    options = argparse.ArgumentParser("guestwire.broker", description="Many clients on one guest's channel.")
    options.add_argument("--guest", action="append", default=[], metavar="NAME=ADDRESS")
    options.add_argument("--run-dir", type=Path)
    options.add_argument("--policy", type=Path)
    options.add_argument("--audit", type=Path)
    chosen = options.parse_args()
    logging.basicConfig(level=logging.INFO, format="guestwire broker: %(message)s", stream=sys.stderr)
    try:
        serve(Choices(tuple(chosen.guest), chosen.run_dir, chosen.policy, chosen.audit))
    except GuestwireError as error:
        print(f"guestwire broker: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
