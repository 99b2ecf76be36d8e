"""The audit log: one JSON line a call, each tied to the one before by a hash."""

from guestwire.broker.audit.log import AuditLog
from guestwire.broker.audit.reading import tail, verify

__all__ = ["AuditLog", "tail", "verify"]
