"""The trader's half of `bootstrap`: which venue is real, where it is, and what opens the account."""

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
from vigie.ports.clock import PatientClock
from vigie.ports.keys import KeyLabel, KeyMode, KeyStore, VenueKey
from vigie.ports.trading import ListedVenue

FILE: Final = "secrets/venue-keys.json"


def open_keys(home: str | Path | None, ask: AskPassword, *, is_system: bool = False) -> KeyStore:
    """Build the store of keys; nothing is created on disk until a key is added."""
    return SealedKeys(resolve_paths(home).home / FILE, ask, is_system=is_system)


def all_labels(home: str | Path | None) -> list[KeyLabel]:
    """Return what may be shown of every key, those of settings and environment first: they win."""
    named = [named_key(one.id, home) for one in manifests() if "trading" in one.capabilities]
    return [*(one.label for one in named if one is not None), *open_keys(home, lambda _: "").labels()]


def key_of(exchange: str, mode: KeyMode, home: str | Path | None, ask: AskPassword) -> VenueKey:
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
    named, store = named_key(exchange, home), open_keys(home, ask)
    if named is not None and named.label.mode == mode:
        return named
    if named is not None and (exchange, mode) not in {(one.exchange, one.mode) for one in store.labels()}:
        raise UsageError(
            f"the key of {exchange} in the settings is a {named.label.mode} key, asked for was a {mode} key; "
            f"if it is one, set VIGIE_{exchange.upper()}_MODE={mode} beside it, "
            f"else add one: vigie keys add {exchange} --mode {mode}"
        )
    return store.open(exchange, mode)


def named_key(exchange: str, home: str | Path | None) -> VenueKey | None:
    """Return the key that settings or environment name: ``VIGIE_BITGET_KEY``, ``_SECRET`` and ``_PASSPHRASE``.

    It is one of demo trading unless ``VIGIE_BITGET_MODE`` says ``live``.

    Raises
    ------
    UsageError
        If they name a part of it only.
    """
    named = import_module("vigie.config.loading").load(home).settings.keys.get(exchange)
    if named is None:
        return None
    asked = ("key", "secret", "passphrase")[: len(trading_manifest(exchange).credentials)]
    parts = {name: getattr(named, name).get_secret_value() for name in asked}
    missing = [name for name, value in parts.items() if not value]
    if len(missing) == len(parts):
        return None
    if missing:
        words = " and ".join(f"VIGIE_{exchange.upper()}_{name.upper()}" for name in missing)
        raise UsageError(f"settings name a part of a key of {exchange} only; set {words} too")
    return VenueKey(KeyLabel(exchange, named.mode or "demo", "settings"), **parts)


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
        check_place(manifest, key.label.mode, address)
    module = import_module(f"vigie.adapters.venues.{manifest.id}.trading")
    opened: ListedVenue = module.open_trading(
        manifest,
        market="perp",
        key=key.key,
        secret=key.secret,
        passphrase=key.passphrase,
        demo=key.label.mode == "demo",
        clock=clock,
        url=address,
        renamed=_renamed(f"{manifest.id}-perp"),
        ours=ours,
    )
    return opened


def _renamed(venue: str) -> dict[str, str]:
    """Return what settings say of new names at a venue, by instrument."""
    renamed = import_module("vigie.config.loading").load(None).settings.renamed
    named: dict[str, str] = import_module("vigie.config.settings").renamed_at(renamed, venue)
    return named


def trading_manifest(exchange: str) -> Manifest:
    """Return what a venue that can be traded says of itself.

    Raises
    ------
    UsageError
        If it cannot be traded.
    """
    known = {one.id: one for one in manifests() if "trading" in one.capabilities}
    if exchange not in known:
        raise UsageError(f"venue must be one of {' '.join(known)}, was {exchange!r}")
    return known[exchange]


def check_place(manifest: Manifest, mode: KeyMode, address: str) -> None:
    """Refuse an address at which an account of a mode cannot be: play money and real money never share one.

    Raises
    ------
    UsageError
        If it is neither the venue's own for this mode nor, for play money, on this machine.
    """
    if is_here(address):
        if mode == "live":
            raise UsageError(f"{address} is on this machine, where no real money is; use --mode demo")
        return
    # Where demo trading has no address of its own, the key and a header of every request tell it apart.
    own = manifest.live_url if mode == "live" else manifest.test_url or manifest.live_url
    parts = urlsplit(address)
    if parts.hostname != urlsplit(own).hostname or parts.username is not None:
        raise UsageError(
            f"a {mode} account of {manifest.title} is traded at {own}{' or on this machine' * (mode == 'demo')}, "
            f"was to be at {parts.hostname}; take away --url and VIGIE_{manifest.id.upper()}_URL"
        )


def is_here(address: str) -> bool:
    """Tell whether an address is on this machine, where only simulated exchanges are."""
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
