"""`python -m guestwire.agent`."""

from __future__ import annotations

from guestwire.agent.main import main

raise SystemExit(main())
