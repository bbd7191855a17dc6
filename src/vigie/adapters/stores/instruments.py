"""Versions of instruments as JSON, one file a refresh: ``<root>/<venue>/<valid_from>.json``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from vigie.adapters.stores.files import lock_folder, write_atomically
from vigie.domain.errors import StorageError, VigieError
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step


class JsonInstruments:
    """Keeps each refresh beside the former ones."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def versions(self, venue: str) -> list[Instrument]:
        """Return every kept version of the venue's instruments, ascending in `valid_from`."""
        instruments: list[Instrument] = []
        for path in sorted((self.root / venue).glob("*.json")):
            try:
                instruments += [_to_instrument(record) for record in json.loads(path.read_text("utf-8"))]
            except (ValueError, KeyError, TypeError, VigieError) as error:
                raise StorageError(
                    "cannot_read_delete_refresh",
                    "{path} cannot be read ({error}); delete it and refresh again",
                    path=path,
                    error=error,
                ) from error
        return sorted(instruments, key=lambda instrument: instrument.valid_from)

    def add(self, venue: str, instruments: Sequence[Instrument]) -> None:
        """Keep new versions, all at once."""
        if not instruments:
            return
        folder = self.root / venue
        stamp = max(instrument.valid_from for instrument in instruments)
        content = json.dumps([_to_record(instrument) for instrument in instruments], indent=1)
        with lock_folder(folder):
            write_atomically(folder / f"{stamp:013d}.json", content.encode())


def _to_record(instrument: Instrument) -> dict[str, object]:
    record = asdict(instrument) | {"tick": str(instrument.tick), "lot": str(instrument.lot)}
    return {key: None if value == float("inf") else value for key, value in record.items()}


def _to_instrument(record: dict[str, object]) -> Instrument:
    values = {key: value for key, value in record.items() if value is not None}
    values["tick"] = parse_step(str(values["tick"]))
    values["lot"] = parse_step(str(values["lot"]), name="lot")
    return Instrument(**values)  # type: ignore[arg-type]  # the fields that `_to_record` wrote
