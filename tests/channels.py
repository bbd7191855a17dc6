"""Ways of sending for tests: the shipped kinds of channels, opened as a test wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from vigie.adapters.notifiers.manifest import manifests
from vigie.domain.errors import ConfigError
from vigie.ports.notifier import ChannelKind, Notifier, Notifiers

_CLOSED = {
    "mail": "no mail server is set: set VIGIE_SMTP_URL, such as smtps://user:secret@host:465",
    "webhook": "this installation contacts no outside addresses: its market is simulated",
    "apprise": "this installation contacts no outside services: its market is simulated",
}


def notifiers_of(
    address: Callable[[], str] = str, key: Callable[[], bytes] = bytes, **open_kinds: Callable[[], Any]
) -> Notifiers:
    """Return how messages go out where the named kinds are open and the others say why they are not."""
    kinds = [
        ChannelKind(
            one.id, one.title, open_kinds.get(one.id, _closed(one.id)), one.schemes, one.address, one.hint,
            one.is_secret, one.is_signed,
        )
        for one in manifests()
    ]  # fmt: skip
    return Notifiers({kind.id: kind for kind in kinds}, address=address, key=key)


def reopened(notifiers: Notifiers, kind: str, open_kind: Callable[[], Any]) -> Notifiers:
    """Return the same with one kind opened otherwise."""
    return replace(notifiers, kinds={**notifiers.kinds, kind: replace(notifiers.kinds[kind], open=open_kind)})


def _closed(kind: str) -> Callable[[], Notifier]:
    def refuse() -> Notifier:
        raise ConfigError(_CLOSED[kind])

    return refuse
