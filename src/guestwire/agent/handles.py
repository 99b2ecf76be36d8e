"""Open file handles of guest-file-*."""

from __future__ import annotations


class Handles:
    """Handle number to open file."""
