"""guestwire: the QEMU guest agent system in Python. The one place that states the project's version."""

__version__ = "0.1.0"
