"""Accounts at venues: whose key, which address, and what opens the account."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from vigie.adapters.stores.venue_keys import AskPassword, SealedKeys
from vigie.adapters.venues.manifest import Manifest, manifests
from vigie.config import resolve_paths, venue_url
from vigie.domain.errors import UsageError
from vigie.domain.refusal import all_of
from vigie.ports.clock import PatientClock
from vigie.ports.keys import KeyLabel, KeyMode, KeyStore, VenueKey
from vigie.ports.listed_venue import ListedVenue

KEY_FILE: Final = "secrets/venue-keys.json"


def open_keys(home: str | Path | None, ask_password: AskPassword, *, is_system: bool = False) -> KeyStore:
    """Build the store of keys; nothing is created on disk until a key is added."""
    return SealedKeys(resolve_paths(home).home / KEY_FILE, ask_password, is_system=is_system)


def list_key_labels(home: str | Path | None) -> list[KeyLabel]:
    """Return what may be shown of every key, those of settings and environment first: they win."""
    named_keys = [
        key_from_settings(entry.id, home) for entry in manifests() if "trading" in entry.capabilities
    ]
    return [
        *(entry.label for entry in named_keys if entry is not None),
        *open_keys(home, lambda _: "").labels(),
    ]


def find_key(exchange: str, mode: KeyMode, home: str | Path | None, ask_password: AskPassword) -> VenueKey:
    """Return the key of an account: what settings and environment name, else what the store holds.

    Raises
    ------
    NotFound
        If there is none.
    UsageError
        If settings name a part of it only, or one of the other mode and the store has none.
    ConfigError
        If the store cannot be opened.
    """
    settings_key, store = key_from_settings(exchange, home), open_keys(home, ask_password)
    if settings_key is not None and settings_key.label.mode == mode:
        return settings_key
    if settings_key is not None and (exchange, mode) not in {
        (label.exchange, label.mode) for label in store.labels()
    }:
        raise UsageError(
            "key_settings_key",
            "the key of {exchange} in the settings is a {mode} key, but a {mode_2} key "
            "was requested; if it is one, also set VIGIE_{exchange_2}_MODE={mode_2}, else add one: "
            "vigie keys add {exchange} --mode {mode_2}",
            exchange=exchange,
            mode=settings_key.label.mode,
            mode_2=mode,
            exchange_2=exchange.upper(),
        )
    return store.open(exchange, mode)


def key_from_settings(exchange: str, home: str | Path | None) -> VenueKey | None:
    """Return the key that settings or environment name: ``VIGIE_BITGET_KEY``, ``_SECRET`` and ``_PASSPHRASE``.

    It is one of demo trading unless ``VIGIE_BITGET_MODE`` says ``live``.

    Raises
    ------
    UsageError
        If they name a part of it only.
    """
    credentials = import_module("vigie.config.loading").load(home).settings.keys.get(exchange)
    if credentials is None:
        return None
    part_names = ("key", "secret", "passphrase")[: len(trading_manifest(exchange).credentials)]
    parts = {name: getattr(credentials, name).get_secret_value() for name in part_names}
    missing = [name for name, value in parts.items() if not value]
    if len(missing) == len(parts):
        return None
    if missing:
        variables = all_of([f"VIGIE_{exchange.upper()}_{name.upper()}" for name in missing])
        raise UsageError(
            "settings_contain_only_part_key",
            "the settings contain only part of a key of {exchange}; also set {variables}",
            exchange=exchange,
            variables=variables,
        )
    return VenueKey(KeyLabel(exchange, credentials.mode or "demo", "settings"), **parts)


def open_account(
    key: VenueKey, clock: PatientClock, *, url: str | None = None, ours: Collection[str] = ()
) -> ListedVenue:
    """Build an account at a venue; nothing is asked until it is used.

    Parameters
    ----------
    url : str, optional
        Address in place of the venue's own, such as that of `vigie sandbox exchange`; else ``VIGIE_BITGET_URL``.
    ours : collection of str
        Instruments that the account trades: what the settings say of their new names is told to the venue's adapter.

    Raises
    ------
    UsageError
        If the address is not one of the key's mode, or a key would be sent in clear text to another machine.
    """
    manifest = trading_manifest(key.label.exchange)
    address = url or venue_url(manifest.id)
    if address:
        check_address(manifest, key.label.mode, address)
    module = import_module(f"vigie.adapters.venues.{manifest.id}.trading")
    venue: ListedVenue = module.open_trading(
        manifest,
        market="perp",
        key=key.key,
        secret=key.secret,
        passphrase=key.passphrase,
        demo=key.label.mode == "demo",
        clock=clock,
        url=address,
        renamed=_renamed_contracts(f"{manifest.id}-perp"),
        ours=ours,
    )
    return venue


def _renamed_contracts(venue: str) -> dict[str, str]:
    """Return what settings say of new names at a venue, by instrument."""
    renamed = import_module("vigie.config.loading").load(None).settings.renamed
    renamed_symbols: dict[str, str] = import_module("vigie.config.settings").list_renamed(renamed, venue)
    return renamed_symbols


def trading_manifest(exchange: str) -> Manifest:
    """Return what a venue that can be traded says of itself.

    Raises
    ------
    UsageError
        If it cannot be traded.
    """
    manifests_by_id = {
        manifest.id: manifest for manifest in manifests() if "trading" in manifest.capabilities
    }
    if exchange not in manifests_by_id:
        raise UsageError(
            "unknown_venue",
            "venue must be one of {venues}, was {venue!r}",
            venues=" ".join(manifests_by_id),
            venue=exchange,
        )
    return manifests_by_id[exchange]


def check_address(manifest: Manifest, mode: KeyMode, address: str) -> None:
    """Refuse an address at which an account of a mode cannot be: play money and real money never share one.

    Raises
    ------
    UsageError
        If it is neither the venue's own for this mode nor, for play money, on this machine.
    """
    if is_on_this_machine(address):
        if mode == "live":
            raise UsageError(
                "machine_which_no_real_money",
                "{address} is on this machine, which has no real money; use --mode demo",
                address=address,
            )
        return
    # Where demo trading has no address of its own, the key and a header of every request tell it apart.
    expected_url = manifest.live_url if mode == "live" else manifest.test_url or manifest.live_url
    parts = urlsplit(address)
    if parts.hostname != urlsplit(expected_url).hostname or parts.username is not None:
        raise UsageError(
            "account_must_trade",
            "a {mode} account of {title} must trade at "
            "{expected_url}{value}, not at {hostname}; remove "
            "--url and VIGIE_{id}_URL",
            mode=mode,
            title=manifest.title,
            expected_url=expected_url,
            value=" or on this machine" * (mode == "demo"),
            hostname=parts.hostname,
            id=manifest.id.upper(),
        )


def is_on_this_machine(address: str) -> bool:
    """Tell whether an address is on this machine, where only simulated exchanges are."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
