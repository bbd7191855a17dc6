"""Channels from outside, as kinds of channels beside those that come with Vigie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path

from vigie.adapters.net.declared import DeclaredTransport
from vigie.adapters.net.guard import public_transport
from vigie.adapters.notifiers.manifest import NotifierManifest, parse_manifest
from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.loading import load_plugin
from vigie.adapters.stores.program_folders import MANIFEST
from vigie.domain.errors import ConfigError
from vigie.ports.clock import Clock
from vigie.ports.notifier import ChannelKind, Notifier, NotifierSetup


def channel_kind(
    content: PluginContent,
    clock: Clock,
    key: Callable[[], bytes],
    texts: Mapping[str, str],
    *,
    is_simulated: bool = False,
    transport: Callable[[], object] | None = None,
) -> ChannelKind:
    """Return the kind of channel that a plug-in adds; its program runs when the first message is sent.

    Parameters
    ----------
    key : callable
        Gives the secret that its addresses may be sealed with.
    texts : mapping of str to str
        ``key``, where its manifest asks for one.
    transport : callable, optional
        In place of the network.
    """
    path = Path(content.folder.name) / MANIFEST
    manifest: NotifierManifest = parse_manifest(path, content.files[MANIFEST].decode())

    @cache
    def open_kind() -> Notifier:
        if is_simulated:
            raise ConfigError(
                "installation_contacts_no_outside_services",
                "this installation contacts no outside services: its market is simulated",
            )
        if manifest.secrets and not texts.get("key"):
            raise ConfigError(
                "key_required",
                "a key is required: write {name}=... into .env in the home folder and restart",
                name=manifest.secrets[0],
            )
        setup = NotifierSetup(clock, key, texts, transport=transport or partial(_transport_of, content))
        notifier: Notifier = load_plugin(content).open_notifier(setup)
        return notifier

    return ChannelKind(
        manifest.id, manifest.title, open_kind, manifest.schemes, manifest.address, manifest.hint, manifest.is_secret
    )  # fmt: skip


def _transport_of(content: PluginContent) -> object:
    """Return what carries its requests: to the hosts it declares, or to all public ones where people enter them."""
    info = content.info
    return public_transport() if "*" in info.hosts else DeclaredTransport(info.name, info.hosts)
