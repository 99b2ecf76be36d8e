"""Windows as the agent's host: its folder, its service manager, and who tells it to end.

As with QEMU's agent `--service install` makes a service whose command line has `--daemonize`, which on Windows means
"run under the service manager".
"""

from __future__ import annotations

import os
import sys
from _thread import start_new_thread
from contextlib import suppress

from guestwire.errors import ConfigError, GuestwireError, StartError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from guestwire.agent.config import Config

SERVICE = "guestwire-agent"
_SHOWN = "guestwire guest agent"
_DESCRIPTION = "Answers the host's requests (QEMU Guest Agent protocol)."

_enders: list[Callable[[], None]] = []


def prepare(config: Config) -> None:
    """Make the folder for the state."""
    try:
        os.makedirs(config.statedir, exist_ok=True)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise StartError(
            f"cannot make the state folder {config.statedir}: {reason}; use --statedir"
        ) from None


def when_told_to_end(end: Callable[[], None]) -> None:
    """Call `end` when the service is stopped, at Ctrl-C, Ctrl-Break, and when the console or the session goes."""
    from guestwire.agent.system.windows.console import on_control

    _enders.append(end)
    on_control(end)


def manage(verb: str, words: list[str]) -> int:
    """`--service VERB`; `words` is the whole command line, whose other options the service gets."""
    from guestwire.agent.system.windows import eventlog, services

    try:
        if verb == "install":
            services.install(SERVICE, _SHOWN, _DESCRIPTION, service_command(words))
            eventlog.register(SERVICE)
            _vss_beside("install")
        elif verb == "uninstall":
            _vss_beside("uninstall")
            services.uninstall(SERVICE)
            with suppress(OSError):
                eventlog.unregister(SERVICE)
        elif verb in ("vss-install", "vss-uninstall"):
            fault = _vss(verb[4:])
            if fault is not None:
                raise StartError(f"cannot {verb[4:]} the VSS provider: {fault}")
        else:
            raise ConfigError(f"--service {verb}: use install, uninstall, vss-install or vss-uninstall")
    except OSError as error:
        reason = (error.strerror or str(error)).rstrip(". \r\n")
        raise StartError(
            f"cannot {verb} the service {SERVICE}: {reason}; this needs an administrator"
        ) from None
    return 0


def _vss_beside(verb: str) -> None:
    """The provider goes with the service, but the service is useful without it."""
    fault = _vss(verb)
    if fault is not None and verb == "install":
        sys.stderr.write(
            f"guestwire-agent: no guest-fsfreeze-freeze, for the VSS provider cannot be registered: {fault}; "
            "--service vss-install tries it again\n"
        )


def _vss(verb: str) -> str | None:
    """Register the VSS provider or remove it; what went wrong."""
    from guestwire.agent.system.windows.com.types import ComError
    from guestwire.agent.system.windows.vss import errors, registration

    try:
        if verb == "install":
            registration.install(SERVICE)
        else:
            registration.uninstall()
    except ComError as error:
        return f"{error.what}: {errors.meaning(error.code)}"
    except OSError as error:
        return (error.strerror or str(error)).rstrip(". \r\n")
    return None


def service_command(words: list[str]) -> str:
    """The service's command line. It does not rely on environment variables, which services do not share."""
    from subprocess import list2cmdline

    import guestwire

    folder = os.path.dirname(os.path.dirname(os.path.abspath(guestwire.__file__)))
    find = f"import sys; sys.path.insert(0, {folder!r})"
    start = f"{find}; from guestwire.agent.main import main; raise SystemExit(main())"
    return list2cmdline([sys.executable, "-c", start, "--daemonize", "--retry-path", *_others(words)])


def _others(words: list[str]) -> list[str]:
    """The options that are not `--service`, in the same spelling."""
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("-s", "--service"):
            skip = True
        elif not word.startswith(("-s", "--service=")):
            kept.append(word)
    return kept


def serve(config: Config, start: Callable[[], int]) -> int:
    """Run `start` as a service. A fault of the start goes to the event log: a service has no terminal."""
    from guestwire.agent.system.windows import services

    config.daemon = False
    statuses: list[int] = []

    def life() -> int:
        start_new_thread(offer_provider, ())
        return _guarded(start, statuses)

    try:
        services.run(SERVICE, life, stop)
    except OSError:
        raise StartError(
            "--daemonize: only the service manager can start it so; use --service install, or leave it out"
        ) from None
    return statuses[0] if statuses else 1


def offer_provider() -> None:
    """Let VSS find the provider when it is registered: it asks for it at every program's snapshot."""
    from guestwire.agent.system.windows import eventlog
    from guestwire.agent.system.windows.vss import offering, registration

    if not registration.is_installed():
        return
    try:
        offering.offered()
    except OSError as error:
        with suppress(OSError):
            eventlog.report(SERVICE, f"the VSS provider cannot be offered: {error}", eventlog.ERROR)


def stop() -> None:
    """The service manager wants the agent to end."""
    for end in _enders:
        end()


def _guarded(start: Callable[[], int], statuses: list[int]) -> int:
    status = 1
    try:
        status = start()
    except GuestwireError as error:
        from guestwire.agent.system.windows import eventlog

        eventlog.report(SERVICE, str(error), eventlog.ERROR)
    statuses.append(status)
    return status
