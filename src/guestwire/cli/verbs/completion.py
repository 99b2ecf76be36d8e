"""`guestwire completion`: what a shell needs to complete command lines of `guestwire`."""

from __future__ import annotations

import os

import click

_SHELLS = ("bash", "zsh", "fish")


@click.command
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
def command(shell: str | None) -> int:
    """Print the script that makes a shell complete verbs, guests, commands and their arguments.

    \b
    bash   eval "$(guestwire completion bash)"   in ~/.bashrc
    zsh    eval "$(guestwire completion zsh)"    in ~/.zshrc, after compinit
    fish   guestwire completion fish > ~/.config/fish/completions/guestwire.fish

    Without SHELL the script is for the one that $SHELL names.
    """
    from click.shell_completion import get_completion_class

    from guestwire.cli import shells  # noqa: F401 - it registers itself
    from guestwire.cli.main import guestwire

    name = shell or os.path.basename(os.environ.get("SHELL", ""))
    if name not in _SHELLS:
        raise click.UsageError(f"name the shell: {', '.join(_SHELLS)}")
    kind = get_completion_class(name)
    assert kind is not None
    click.echo(kind(guestwire, {}, "guestwire", "_GUESTWIRE_COMPLETE").source())
    return 0
