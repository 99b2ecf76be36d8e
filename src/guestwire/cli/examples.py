"""The examples at the end of every verb's help. Tests read each as a command line."""

from __future__ import annotations

EXAMPLES: dict[str, str] = {  # by verb; a line each
    "ls": """
        guestwire ls
        guestwire ls 'web*' --json
        guestwire ls --source libvirt --no-probe
    """,
    "info": """
        guestwire info web1
        guestwire info unix:/run/web1.sock --json
    """,
    "exec": """
        guestwire exec web1 -- uptime
        tar c site | guestwire exec web1 -- tar x -C /srv
        guestwire exec 'web*' --timeout 30 -- systemctl is-active nginx
        guestwire exec web1 --detach -- sh -c 'make > /tmp/log 2>&1'
    """,
    "call": """
        guestwire call web1 guest-get-osinfo
        guestwire call web1 guest-exec path=/bin/ls arg=-l arg=/tmp capture-output=true
        guestwire call web1 guest-set-vcpus 'vcpus=[{"logical-id": 1, "online": false}]'
        guestwire call guest-file-open --help
    """,
    "wait": """
        guestwire wait web1 && guestwire exec web1 -- apt-get update
        guestwire wait web1 --timeout 300 --needs guest-exec
    """,
    "doctor": """
        guestwire doctor
        guestwire doctor web1
        guestwire doctor unix:/run/web1.sock --json
    """,
    "cat": """
        guestwire cat web1:/etc/hosts
        guestwire cat 'web*:/var/log/boot.log' | grep -i error
    """,
    "cp": """
        guestwire cp web1:/var/log/syslog .
        guestwire cp -r site/ 'web*:/srv/'
        guestwire cp --resume --checksum disk.img web1:/var/tmp/
        mysqldump shop | guestwire cp - web1:/var/backups/shop.sql
        guestwire cp web1:/etc/hosts web2:/etc/hosts
    """,
    "fs": """
        guestwire fs web1
        guestwire fs 'web*' --jsonl
    """,
    "disks": """
        guestwire disks web1
        guestwire disks web1 --stats
    """,
    "net": """
        guestwire net web1
        guestwire net web1 --routes
    """,
    "cpu": """
        guestwire cpu web1
        guestwire cpu web1 --offline 2-3
    """,
    "mem": """
        guestwire mem 'web*'
        guestwire mem web1 --json
    """,
    "users": """
        guestwire users 'web*'
    """,
    "time": """
        guestwire time 'web*'
        guestwire time web1 --set
        guestwire time web1 --set 2026-01-31T12:00:00Z
    """,
    "freeze": """
        guestwire freeze db --run 'lvcreate -s -n snap -L 5G vg/db'
        guestwire freeze db1 db2 --limit 20 --run ./snapshot.sh
        guestwire freeze db && ./snapshot.sh; guestwire thaw db
    """,
    "thaw": """
        guestwire thaw db
        guestwire thaw '*'
    """,
    "trim": """
        guestwire trim web1
        guestwire trim 'web*' --minimum 1048576 --parallel 2
    """,
    "shutdown": """
        guestwire shutdown web1
        guestwire shutdown 'web*' --yes
    """,
    "reboot": """
        guestwire reboot web1 && sleep 10 && guestwire wait web1
    """,
    "suspend": """
        guestwire suspend web1 --mode disk
    """,
    "passwd": """
        guestwire passwd web1 root
        mkpasswd -m sha-512 | guestwire passwd web1 ann --crypted
    """,
    "ssh-key": """
        guestwire ssh-key list web1 ann
        guestwire ssh-key add 'web*' ann ~/.ssh/id_ed25519.pub
        guestwire ssh-key remove web1 ann 'ssh-ed25519 AAAAC3... ann@old-desk'
    """,
    "metrics": """
        guestwire metrics web1
        guestwire metrics web1 --name node_memory --text
    """,
    "top": """
        guestwire top
        guestwire top --guest web1=unix:/run/web1.sock
    """,
    "serve": """
        guestwire serve
        guestwire serve --config /etc/guestwire/guestwire.toml
    """,
    "history": """
        guestwire history web1
        guestwire history web1 node_load1 --since 7d --sparkline
    """,
    "alerts": """
        guestwire alerts
        guestwire alerts silence guest=web1 alertname=FilesystemFull --for 2h
        guestwire alerts test FilesystemFull --since 7d
    """,
    "config": """
        guestwire config check
        guestwire config check --config ./guestwire.toml
    """,
    "broker": """
        guestwire broker
        guestwire broker --guest web1=unix:/run/web1.sock --policy policy.toml --audit /var/log/guestwire/audit.log
    """,
    "audit": """
        guestwire audit show /var/log/guestwire/audit.log --guest web1
        guestwire audit verify /var/log/guestwire/audit.log
    """,
    "schema": """
        guestwire schema
        guestwire schema guest-exec GuestExecStatus
    """,
    "completion": """
        eval "$(guestwire completion bash)"
    """,
}


def epilog(verb: str) -> str | None:
    """The examples of a verb as click shows them: below its options, line by line."""
    lines = [line.strip() for line in EXAMPLES.get(verb, "").strip().splitlines()]
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)]) if lines else None
