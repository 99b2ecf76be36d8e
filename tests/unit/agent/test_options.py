from __future__ import annotations

import pytest

from guestwire.agent import options
from guestwire.agent.options import UsageError, parse


def test_short_forms() -> None:
    assert parse(["-vd", "-m", "unix-listen", "-p/x"]) == [
        ("verbose", None),
        ("daemon", None),
        ("method", "unix-listen"),
        ("path", "/x"),
    ]


def test_argument_glued_to_a_cluster() -> None:
    assert parse(["-vDmunix-listen"]) == [
        ("verbose", None),
        ("dump-conf", None),
        ("method", "unix-listen"),
    ]


def test_long_forms() -> None:
    assert parse(["--path=/a=b", "--logfile", "/l", "--retry-path"]) == [
        ("path", "/a=b"),
        ("logfile", "/l"),
        ("retry-path", None),
    ]


@pytest.mark.parametrize(
    ("words", "argument"),
    [
        (["-F"], None),
        (["-F", "/x"], None),
        (["-F/x"], "/x"),
        (["--fsfreeze-hook"], None),
        (["--fsfreeze-hook", "/x"], None),
        (["--fsfreeze-hook=/x"], "/x"),
        (["--fsfreeze-hook="], ""),
    ],
)
def test_the_optional_argument_must_be_glued(words: list[str], argument: str | None) -> None:
    assert parse(words) == [("fsfreeze-hook", argument)]


def test_the_next_word_is_the_argument_even_if_it_looks_like_an_option() -> None:
    assert parse(["-p", "-v", "--logfile", "--help"]) == [("path", "-v"), ("logfile", "--help")]


def test_positional_words_are_skipped_and_two_dashes_end_the_options() -> None:
    assert parse(["foo", "-v", "-", "--", "-d"]) == [("verbose", None)]


def test_abbreviations() -> None:
    assert parse(["--meth=x", "--blo=a", "--dump"]) == [
        ("method", "x"),
        ("block-rpcs", "a"),
        ("dump-conf", None),
    ]


def test_two_names_of_one_option_are_not_ambiguous() -> None:
    assert parse(["--b=x", "--blacklist", "y"]) == [("block-rpcs", "x"), ("block-rpcs", "y")]


@pytest.mark.parametrize(("short", "key"), [("--c", "config"), ("--f", "fsfreeze-hook"), ("--l", "logfile")])
def test_own_options_leave_abbreviations_to_those_of_qemu(short: str, key: str) -> None:
    assert parse([f"{short}=x"]) == [(key, "x")]


def test_own_options_may_be_shortened_too() -> None:
    assert parse(["--comm=d", "--freeze=3", "--hook=4", "--len"]) == [
        ("commands-dir", "d"),
        ("freeze-timeout", "3"),
        ("hook-timeout", "4"),
        ("lenient-packs", None),
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--nope"], "unrecognized option '--nope'"),
        (["--nope=3"], "unrecognized option '--nope=3'"),
        (["-x"], "invalid option -- 'x'"),
        (["-vx"], "invalid option -- 'x'"),
        (["-m"], "option requires an argument -- 'm'"),
        (["-vm"], "option requires an argument -- 'm'"),
        (["--path"], "option '--path' requires an argument"),
        (["--pat"], "option '--path' requires an argument"),
        (["--help=3"], "option '--help' doesn't allow an argument"),
        (["--ver"], "option '--ver' is ambiguous; possibilities: '--version' '--verbose'"),
        (["--p=/x"], "option '--p=/x' is ambiguous; possibilities: '--pidfile' '--path'"),
        (["-s", "install"], "invalid option -- 's'"),
    ],
)
def test_faults_in_getopts_words(words: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(words, "linux")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (["-v", "-h", "--nope"], "help"),
        (["-hx"], "help"),
        (["--version", "--nope"], "version"),
        (["-b", "help", "--nope"], "list-commands"),
        (["--allow-rpcs=?", "-x"], "list-commands"),
    ],
)
def test_what_ends_the_reading(words: list[str], end: str) -> None:
    assert parse(words)[-1] == (end, None)


def test_help_is_asked_for_by_the_whole_list_only() -> None:
    assert parse(["-b", "help,guest-ping"]) == [("block-rpcs", "help,guest-ping")]


def test_the_service_option_exists_on_windows() -> None:
    assert parse(["-s", "install"], "windows") == [("service", "install")]
    assert "service" not in [option.long for option in options.table("linux")]


def test_keys_are_unique_but_for_aliases() -> None:
    shorts = [option.short for option in options.table("windows") if option.short]
    longs = [option.long for option in options.table("windows")]
    assert len(shorts) == len(set(shorts))
    assert len(longs) == len(set(longs))
