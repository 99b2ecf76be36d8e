"""The QEMU release whose guest agent this one stands in for: clients decide by it what the guest can do."""

from __future__ import annotations

QEMU_VERSION = "11.1.1"
