"""The verbs of `guestwire`: one file a verb, found by name, imported only when it is used.

A verb NAME is the click command called `command` in `guestwire.cli.verbs.NAME` (a hyphen becomes `_`). The line of
help stands here, so that `guestwire --help` imports none of them.
"""

from __future__ import annotations

VERBS: dict[str, str] = {  # in the order of the help
    "ls": "The guests of this host, and whether their agents answer.",
    "info": "What a guest is: host name, system, agent, addresses.",
    "exec": "Run a program in a guest.",
    "call": "Call one command of the guest agent, with arguments by its schema.",
    "wait": "Wait until a guest's agent answers.",
    "doctor": "What is wrong between here and a guest's agent, and what cures it.",
    "cat": "Print a guest's files.",
    "cp": "Copy files and folders between this host and guests.",
    "fs": "A guest's filesystems, and how full they are.",
    "disks": "A guest's disks and partitions.",
    "net": "A guest's network interfaces and routes.",
    "cpu": "A guest's processors and their load.",
    "mem": "A guest's memory and swap.",
    "users": "Who is logged in to a guest.",
    "time": "A guest's clock, and setting it right.",
    "freeze": "Hold a guest's filesystems still, also while a host command runs.",
    "thaw": "Let them be written to again.",
    "trim": "Give unused disk space back to the host.",
    "shutdown": "Have a guest shut down, in good order.",
    "reboot": "Have a guest start anew, in good order.",
    "suspend": "Put a guest to sleep, in memory or on disk.",
    "passwd": "Set a user's password in a guest.",
    "ssh-key": "The SSH keys that may log in to a guest: list, add, remove.",
    "metrics": "A guest's figures now, asked of the guest itself.",
    "top": "Every guest in the terminal, live.",
    "serve": "Watch every guest: figures, history, alerts, and HTTP for other monitors.",
    "history": "What was recorded of a guest: table, JSON, CSV or bars.",
    "alerts": "What fires; silence it, or try a rule on history.",
    "config": "Check the configuration of `serve`.",
    "broker": "Let several programs use one guest, each as far as it may.",
    "audit": "The broker's log of all calls: read it, and see whether it was changed.",
    "schema": "The commands and types of the guest agent, with their documentation.",
    "completion": "The shell's part of completion: guests, verbs, commands, arguments.",
}

SECTIONS: dict[str, str] = {  # of the help; a verb that none names stands at its end
    "Find a guest": "ls info wait doctor",
    "Work in it": "exec cp cat call",
    "See what it is made of": "fs disks net cpu mem users metrics",
    "Keep it": "time freeze thaw trim passwd ssh-key shutdown reboot suspend",
    "Watch and share many": "serve top history alerts config broker audit",
}
