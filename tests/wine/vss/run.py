"""Runs in Python for Windows: the agent's main program, with the stand-in for vssapi.dll loaded under its name.

The variable VSS_CLASS may give the provider another class id.

python run.py VSSAPI.DLL [OPTION OF THE AGENT]...
"""

import ctypes
import os
import sys

from guestwire.agent.main import main
from guestwire.agent.system.windows.vss import provider

provider.CLASS = os.environ.get("VSS_CLASS", provider.CLASS)
ctypes.WinDLL(sys.argv[1])  # type: ignore[attr-defined]
raise SystemExit(main(["guestwire-agent", *sys.argv[2:]]))
