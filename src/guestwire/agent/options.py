"""The command line, read as GNU getopt_long reads it: qemu-ga's options and the agent's own beside them.

Not argparse: its import alone costs more than the whole start of the agent, and its abbreviations, glued
arguments and messages differ from what callers of qemu-ga are used to.
"""

from __future__ import annotations

from guestwire.agent import platform
from guestwire.errors import ConfigError

NO, REQUIRED, OPTIONAL = range(3)


class Option:
    """One option. `key` names what it sets; `short` is "" when only the long form exists."""

    __slots__ = ("argument", "key", "long", "own", "short")

    def __init__(self, long: str, short: str, argument: int, key: str = "", own: bool = False) -> None:
        self.long = long
        self.short = short
        self.argument = argument
        self.key = key or long
        self.own = own


# qemu-ga's order: it shows in the list of possibilities for an ambiguous abbreviation.
_QEMU = (
    Option("help", "h", NO),
    Option("version", "V", NO),
    Option("dump-conf", "D", NO),
    Option("logfile", "l", REQUIRED),
    Option("pidfile", "f", REQUIRED),
    Option("fsfreeze-hook", "F", OPTIONAL),
    Option("verbose", "v", NO),
    Option("config", "c", REQUIRED),
    Option("method", "m", REQUIRED),
    Option("path", "p", REQUIRED),
    Option("daemonize", "d", NO, "daemon"),
    Option("block-rpcs", "b", REQUIRED),
    Option("blacklist", "", REQUIRED, "block-rpcs"),  # its name until QEMU 9.1, still found in services
    Option("allow-rpcs", "a", REQUIRED),
    Option("statedir", "t", REQUIRED),
    Option("retry-path", "r", NO),
)
_WINDOWS = (Option("service", "s", REQUIRED),)
_OWN = (
    Option("commands-dir", "", REQUIRED, own=True),
    Option("lenient-packs", "", NO, own=True),
    Option("freeze-timeout", "", REQUIRED, own=True),
    Option("hook-timeout", "", REQUIRED, own=True),
)

# These end the reading at once: what stands behind them on the command line no longer matters.
_ENDS = ("help", "version", "list-commands")


class UsageError(ConfigError):
    """A wrong option, in getopt's words; the caller adds how to get help."""


def table(os_name: str | None = None) -> tuple[Option, ...]:
    """All options of the platform."""
    windows = (os_name or platform.current()) == platform.WINDOWS
    return _QEMU + (_WINDOWS if windows else ()) + _OWN


def is_help(value: str) -> bool:
    """Whether a list argument asks for the names that could stand in it."""
    return value in ("help", "?")


class Parser:
    """Reads one command line. Positional arguments are skipped, as qemu-ga does; `--` ends the options."""

    def __init__(self, words: list[str], options: tuple[Option, ...]) -> None:
        self._words = words
        self._options = options
        self._next = 0
        self._found: list[tuple[str, str | None]] = []

    def run(self) -> list[tuple[str, str | None]]:
        """`(key, argument)` in the order given, ending with `help`, `version` or `list-commands` if met."""
        while self._next < len(self._words):
            word = self._words[self._next]
            self._next += 1
            if word == "--":
                break
            if word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._cluster(word)
            if self._found and self._found[-1][0] in _ENDS:
                break
        return self._found

    def _long(self, word: str) -> None:
        name, equals, argument = word[2:].partition("=")
        option = self._lookup(name, word)
        if option.argument == NO and equals:
            raise UsageError(f"option '--{option.long}' doesn't allow an argument")
        if option.argument == REQUIRED and not equals:
            if self._next == len(self._words):
                raise UsageError(f"option '--{option.long}' requires an argument")
            argument = self._words[self._next]
            self._next += 1
        self._add(option, argument if equals or option.argument == REQUIRED else None)

    def _lookup(self, name: str, word: str) -> Option:
        matches = [option for option in self._options if option.long.startswith(name)]
        exact = [option for option in matches if option.long == name]
        # An abbreviation that qemu-ga understands keeps its meaning, whatever was added here.
        matches = exact or [option for option in matches if not option.own] or matches
        if not matches:
            raise UsageError(f"unrecognized option '{word}'")
        if len({option.key for option in matches}) > 1:
            names = " ".join(f"'--{option.long}'" for option in matches)
            raise UsageError(f"option '{word}' is ambiguous; possibilities: {names}")
        return matches[0]

    def _cluster(self, word: str) -> None:
        for at, letter in enumerate(word[1:], 2):
            option = next((option for option in self._options if option.short == letter), None)
            if option is None:
                raise UsageError(f"invalid option -- '{letter}'")
            if option.argument == NO:
                self._add(option, None)
                if option.key in _ENDS:
                    return
                continue
            rest = word[at:]
            if not rest and option.argument == REQUIRED:
                if self._next == len(self._words):
                    raise UsageError(f"option requires an argument -- '{letter}'")
                rest = self._words[self._next]
                self._next += 1
                self._add(option, rest)
            else:
                self._add(option, rest or None)
            return

    def _add(self, option: Option, argument: str | None) -> None:
        if option.key in ("block-rpcs", "allow-rpcs") and is_help(argument or ""):
            self._found.append(("list-commands", None))
        else:
            self._found.append((option.key, argument))


def parse(words: list[str], os_name: str | None = None) -> list[tuple[str, str | None]]:
    """Read the words after the program's name. UsageError names the first fault."""
    return Parser(words, table(os_name)).run()
