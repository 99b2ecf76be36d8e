"""Runs in Python for Windows, in a process of its own: has COM make the provider in the agent's process and calls it.

Only IUnknown crosses: the proxies of VSS' own interfaces are a part of Windows that Wine lacks.
"""

import os

from guestwire.agent.system.windows.com import runtime
from guestwire.agent.system.windows.com.types import ICLASSFACTORY, IUNKNOWN, ComError

runtime._ANY_SERVER = runtime._LOCAL_SERVER
made = runtime.create(os.environ["VSS_CLASS"], IUNKNOWN)
print("made")
try:
    made.query(ICLASSFACTORY)
except ComError as error:
    print(error)
made.release()
