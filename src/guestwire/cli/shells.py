"""Completion in bash, where `=` and `:` end a word: addresses and `key=value` need the line as it was typed."""

from __future__ import annotations

import os

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

_SCRIPT = """\
%(complete_func)s() {
    local IFS=$'\\n' line kind value
    COMPREPLY=()
    while IFS= read -r line; do
        kind=${line%%%%,*} value=${line#*,}
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o filenames
                while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$value") ;;
            plain)
                case $value in *[=:/]) compopt -o nospace ;; esac
                COMPREPLY+=("$value") ;;
        esac
    done < <(COMP_LINE="$COMP_LINE" COMP_POINT=$COMP_POINT COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


@add_completion_class
class Bash(BashComplete):
    """As click's, but by COMP_LINE, and answering with what follows the last word break."""

    source_template = _SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the cursor, and the one under it."""
        line = os.environ.get("COMP_LINE", "")
        typed = line.encode()[: int(os.environ.get("COMP_POINT", len(line.encode())))].decode(errors="ignore")
        words = split_arg_string(typed)
        self._incomplete = words.pop() if typed and not typed[-1].isspace() and words else ""
        return words[1:], self._incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """What bash puts in the place of its own idea of the word."""
        breaks = set(os.environ.get("COMP_WORDBREAKS", "=:")) & {"=", ":"}
        kept = max((self._incomplete.rfind(each) for each in breaks), default=-1) + 1
        value = str(item.value)
        return f"{item.type},{value[kept:] if value.startswith(self._incomplete[:kept]) else value}"
