"""What --help and --version print."""

from __future__ import annotations

from guestwire import __version__
from guestwire.agent import config, platform
from guestwire.agent.version import QEMU_VERSION

_HELP = """\
Usage: {program} [-m METHOD -p PATH] [OPTION]...
The QEMU guest agent: answers the host's requests about and inside this guest.

Where the host is:
  -m, --method METHOD       virtio-serial (the default), isa-serial, unix-listen
                            or vsock-listen
  -p, --path PATH           the device, socket or CID:PORT; defaults:
                              virtio-serial  {virtio}
                              isa-serial     {isa}
  -r, --retry-path          wait for a missing device, and for one that goes away

What the host may do (LIST: names with commas between; "help" prints them all):
  -b, --block-rpcs LIST     refuse these commands
  -a, --allow-rpcs LIST     refuse all commands but these
      --commands-dir DIR    also offer the commands of the packs in DIR (repeatable)
      --lenient-packs       start even if a pack is faulty, without it

Freezing of filesystems:
  -F, --fsfreeze-hook[=PATH]
                            run PATH with "freeze" before and "thaw" after; without
                            PATH {hook}; short form: -FPATH
      --freeze-timeout SECONDS
                            thaw by itself after this time (default 0: never)
      --hook-timeout SECONDS
                            end a hook that runs longer (default 60; 0: never)

How it runs:
  -c, --config PATH         configuration file (default: $QGA_CONF, else
                            {file})
  -D, --dump-conf           print the configuration in force as such a file, and exit
  -d, --daemonize           run in the background
  -f, --pidfile PATH        with -d only (default {defaults.pidfile})
  -t, --statedir DIR        what outlives a restart (default {defaults.statedir})
  -l, --logfile PATH        append messages to PATH instead of stderr
  -v, --verbose             log everything
  -V, --version             print the versions and exit
  -h, --help                print this and exit

Option names may be shortened as long as they are clear.
"""


def help_text(program: str) -> str:
    """The options; `program` is the name the agent was started under, which decides the default file."""
    return _HELP.format(
        program=program,
        virtio=platform.default_path("virtio-serial"),
        isa=platform.default_path("isa-serial"),
        hook=config.DEFAULT_HOOK,
        file=config.default_file(program),
        defaults=config.Config(),
    )


def version_text() -> str:
    """QEMU's line first, because scripts read it, then the project's own version."""
    return f"QEMU Guest Agent {QEMU_VERSION}\nguestwire-agent {__version__}\n"
