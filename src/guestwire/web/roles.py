"""What somebody may do."""

from __future__ import annotations

import enum


class Role(enum.IntEnum):
    """Each includes those before it."""

    VIEWER = 1  # look
    OPERATOR = 2  # work on guests, silence alerts
    ADMIN = 3  # power


ROLES = {role.name.lower(): role for role in Role}
