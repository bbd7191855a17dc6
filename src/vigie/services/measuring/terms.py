"""Under which terms numbers are given: what goes with them into every file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vigie.services.house import House
from vigie.services.operation import Origin


def places_told(places: Iterable[str]) -> str:
    """Return the venues of some instruments, each once: ``binance-perp, bitget-perp``."""
    return ", ".join(sorted({place.partition(":")[0] for place in places if place}))


def place_said(place: str) -> str:
    """Return an instrument as people write it: ``Bitget BTC/USDT perp``; what is named otherwise stays."""
    venue, _, instrument = place.partition(":")
    house, _, kind = venue.rpartition("-")
    if kind not in ("perp", "spot"):
        return place
    parts = instrument.removesuffix(f"-{kind}").split("-")
    pair = f"{'/'.join(parts).upper()} {kind}" if len(parts) == 2 else instrument
    return f"{house.capitalize()} {pair}".rstrip()


def with_terms(house: House, origins: Sequence[Origin]) -> list[Origin]:
    """Return origins with the licence, else the terms, of every source that they name and that is known here."""
    if all(one.licence for one in origins):
        return list(origins)
    known: dict[str, str] = {}
    for note in house.directory.notes():
        limit = "non-commercial use only, " if note.is_non_commercial else ""
        known.setdefault(note.source, f"{limit}{note.licence or note.terms}")
    return [one.model_copy(update={"licence": one.licence or _told(one.source, known)}) for one in origins]


def _told(source: str, known: dict[str, str]) -> str:
    names = [word.strip().partition(":")[0] for word in source.split(",")]
    # A venue's markets are of the venue: binance-perp is read from Binance.
    ids = dict.fromkeys(name if name in known else name.rpartition("-")[0] for name in names)
    said = {name: known[name] for name in ids if known.get(name)}
    return (
        "; ".join(f"{name}: {text}" for name, text in said.items())
        if len(ids) > 1
        else "".join(said.values())
    )
