"""The agent's configuration."""

from __future__ import annotations


class Config:
    """Placeholder until the options land."""
