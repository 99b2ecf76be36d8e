"""The agent's start: options, configuration, state, channel, background, service - in the C agent's order."""

from __future__ import annotations

import os
import sys

from guestwire.agent import options, platform
from guestwire.agent.config import Config, fill_path, load
from guestwire.errors import GuestwireError, StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.agent.hosting.daemon import PidFile
    from guestwire.agent.log import Log
    from guestwire.agent.persist import Persist

PROGRAM = "guestwire-agent"


def main(argv: list[str] | None = None) -> int:
    """Run the agent; its exit status. Every fault of a start is one line on stderr and status 1."""
    words = sys.argv if argv is None else argv
    program = program_name(words[0])
    try:
        return _run(words[1:], program)
    except options.UsageError as error:
        shown = words[0] if words[0].endswith(program) else program
        _print(2, f"{shown}: {error}\n")
        _print(1, f"Unknown option, try '{shown} --help' for more information.\n")
    except GuestwireError as error:
        _print(2, f"{program}: {error}\n")
    except KeyboardInterrupt:
        pass
    return 1


def program_name(word: str) -> str:
    """The name the agent goes by, from the first word of its command line."""
    name = os.path.basename(word)
    return PROGRAM if name in ("", "-c", "-m", "__main__.py") else name


def _run(words: list[str], program: str) -> int:
    found = options.parse(words)
    last = found[-1][0] if found else ""
    if last in ("help", "version"):
        from guestwire.agent import usage

        _print(1, usage.help_text(program) if last == "help" else usage.version_text())
        return 0
    if last == "list-commands":
        from guestwire.agent.service import command_names

        names = command_names(load(found[:-1], program, os.environ))
        _print(1, "".join(f"{name}\n" for name in names))
        return 0
    config = load(found, program, os.environ)
    activated = _take_socket(config)
    if any(key == "dump-conf" for key, _ in found):
        from guestwire.agent.dump import dump

        _write(1, dump(config))
        return 0
    if platform.current() == platform.WINDOWS and (config.service or config.daemon):
        from guestwire.agent.hosting import windows

        if config.service:
            return windows.manage(config.service, words)
        return windows.serve(config, lambda: _start(config, program, activated))
    return _start(config, program, activated)


def _take_socket(config: Config) -> bool:
    """Settle where the host is: on a socket from the service manager, at the given path, or the default one."""
    if "LISTEN_PID" in os.environ or "LISTEN_FDS" in os.environ:
        from guestwire.agent.channels import activation

        method = activation.method_of(activation.take(os.environ))
        if method is not None:
            config.method, config.path = method, None
            return True
    fill_path(config)
    return False


def _start(config: Config, program: str, activated: bool) -> int:
    from guestwire.agent.channels.choose import choose
    from guestwire.agent.hosting.systemd import Notifier
    from guestwire.agent.log import Log
    from guestwire.agent.persist import Persist
    from guestwire.agent.service import Service

    if platform.current() == platform.WINDOWS:
        from guestwire.agent.hosting import windows

        windows.prepare(config)
    log = Log(config.verbose, program)
    notifier = Notifier()
    persist = Persist(config.statedir)
    if persist.found_frozen():
        sys.dont_write_bytecode = True  # a compiled module may belong on a frozen filesystem
    service = Service(config, log, persist)
    persist.load()
    channel = choose(config, log, activated)
    channel.open()
    pidfile = None
    try:
        pidfile = _settle(config, log, persist)
        serving = f"serving {config.method}{' ' + config.path if config.path else ''}"
        log.info(f"started, {serving}")
        notifier.ready(serving)
        return service.run(channel)
    finally:
        notifier.stopping()
        channel.close()
        if pidfile is not None:
            pidfile.release()


def _settle(config: Config, log: Log, persist: Persist) -> PidFile | None:
    """Open the log file and go to the background. Files wait for the thaw when the agent begins frozen."""
    frozen = persist.found_frozen()
    log.suspended = frozen
    logfile = config.logfile and os.path.abspath(config.logfile)
    if logfile and frozen:
        persist.when_thawed(lambda: _later(log, lambda: _open_log(log, logfile)))
    elif logfile:
        _open_log(log, logfile)
    if not config.daemon:
        return None
    from guestwire.agent.hosting.daemon import PidFile, daemonize

    pidfile = PidFile(config.pidfile)
    daemonize(pidfile, claim=not frozen)
    if frozen:
        persist.when_thawed(lambda: _later(log, pidfile.claim))
    return pidfile


def _later(log: Log, action: Callable[[], None]) -> None:
    """Do what could not be done at the start; by now a fault must not end the agent."""
    try:
        action()
    except StartError as error:
        log.error(str(error))


def _open_log(log: Log, path: str) -> None:
    try:
        log.open_file(path)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise StartError(f"cannot open log file {path}: {reason}; use --logfile") from None


def _print(fd: int, text: str) -> None:
    _write(fd, os.fsencode(text) if text.isascii() else text.encode("utf-8", "surrogateescape"))


def _write(fd: int, data: bytes) -> None:
    """Write to a standard stream; whoever closed it does not want to hear."""
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError:
        pass
