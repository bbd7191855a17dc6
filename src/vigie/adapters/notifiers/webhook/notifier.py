"""Opens what posts signed requests."""

from __future__ import annotations

from vigie.adapters.notifiers.webhook.webhook import WebhookNotifier
from vigie.ports.notifier import Notifier, NotifierSetup


def open_notifier(setup: NotifierSetup) -> Notifier:
    """Return what posts to addresses of people."""
    return WebhookNotifier(setup.clock)
