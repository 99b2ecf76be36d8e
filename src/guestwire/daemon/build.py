"""The monitor's parts as the configuration wants them; what is wrong with it shows here, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from guestwire.monitor.notify.outbox import Outbox
from guestwire.monitor.notify.services import Apprise
from guestwire.monitor.notify.webhook import Webhook
from guestwire.monitor.rules.load import DEFAULT_RULES, Rule, load_rules
from guestwire.web.tls import context_of

if TYPE_CHECKING:
    from guestwire.daemon.config import Config


def check(config: Config) -> int:
    """Everything that can be seen without starting; gives the number of rules. Raises ConfigError."""
    guard(config)
    outboxes_of(config)
    return len(rules_of(config))


def guard(config: Config) -> None:
    """Raise ConfigError when other machines could read guests without saying who they are."""
    config.settings.check()
    context_of(config.settings)


def rules_of(config: Config) -> dict[str, Rule]:
    """The rules that come with guestwire under the site's own."""
    return load_rules(DEFAULT_RULES, *config.rules)


def outboxes_of(config: Config) -> list[Outbox]:
    """A queue for each channel that notifications go to."""
    outboxes = [Outbox(Webhook(url)) for url in config.webhooks]
    if config.apprise:
        outboxes.append(Outbox(Apprise(list(config.apprise))))
    return outboxes
