"""Opens what sends through Apprise."""

from __future__ import annotations

from vigie.adapters.notifiers.apprise.apprise import AppriseNotifier
from vigie.adapters.notifiers.sealing import AddressSeal
from vigie.ports.notifier import Notifier, NotifierSetup


def open_notifier(setup: NotifierSetup) -> Notifier:
    """Return what sends to services that Apprise speaks."""
    return AppriseNotifier(AddressSeal(setup.key), hosts=setup.texts.get("apprise_hosts", "").split())
