"""Under which terms numbers are given: what goes with them into every file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vigie.ports.connectors import ConnectorDirectory
from vigie.services.operation import Origin


def venue_names(places: Iterable[str]) -> str:
    """Return the venues of some instruments, each once: ``binance-perp, bitget-perp``."""
    return ", ".join(sorted({place.partition(":")[0] for place in places if place}))


def instrument_text(place: str) -> str:
    """Return an instrument as people write it: ``Bitget BTC/USDT perp``; what is named otherwise stays."""
    venue, _, instrument = place.partition(":")
    venue_name, _, kind = venue.rpartition("-")
    if kind not in ("perp", "spot"):
        return place
    parts = instrument.removesuffix(f"-{kind}").split("-")
    pair = f"{'/'.join(parts).upper()} {kind}" if len(parts) == 2 else instrument
    return f"{venue_name.capitalize()} {pair}".rstrip()


def add_licences(directory: ConnectorDirectory, origins: Sequence[Origin]) -> list[Origin]:
    """Return origins with the licence, else the terms, of every source that they name and that is known here."""
    if all(origin.licence for origin in origins):
        return list(origins)
    licences: dict[str, str] = {}
    for note in directory.notes():
        limit = "non-commercial use only, " if note.is_non_commercial else ""
        licences.setdefault(note.source, f"{limit}{note.licence or note.terms}")
    return [
        origin.model_copy(update={"licence": origin.licence or _licence_text(origin.source, licences)})
        for origin in origins
    ]


def _licence_text(source: str, licences: dict[str, str]) -> str:
    names = [word.strip().partition(":")[0] for word in source.split(",")]
    # A venue's markets are of the venue: binance-perp is read from Binance.
    ids = dict.fromkeys(name if name in licences else name.rpartition("-")[0] for name in names)
    known_texts = {name: licences[name] for name in ids if licences.get(name)}
    return (
        "; ".join(f"{name}: {text}" for name, text in known_texts.items())
        if len(ids) > 1
        else "".join(known_texts.values())
    )
