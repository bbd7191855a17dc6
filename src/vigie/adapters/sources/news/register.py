"""Registers in files of rows: all rows, and what became different since the last look as items."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vigie.adapters.sources.news.answers import Answer
from vigie.adapters.sources.news.cleaning import LONGEST_TEXT, LONGEST_TITLE, plain
from vigie.adapters.sources.news.dates import read_date
from vigie.adapters.sources.news.parsing import MOST_REFUSED, Parsed
from vigie.adapters.sources.news.warning_feed import FEED, warned_rows
from vigie.domain.errors import TransientError
from vigie.domain.item import Sighting
from vigie.domain.register import RegisterChange, RegisterEntry, diff_entries
from vigie.ports.items import UnreadableEntry
from vigie.ports.registers import RegisterSnapshot

MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 300
# A register that lost so much at once is a broken file, not a day's work of an authority.
MOST_LOST: Final = 0.2
_LONGEST_CELL: Final = 2_000
_LEAST: Final = 1
# Says when a row was written, which is no change of what it says.
_STAMP: Final = re.compile(r"last_?update", re.I)
_PARTS: Final = re.compile(r"[|;,\s]+")
# The European Union writes Greece so.
_COUNTRIES: Final = {"EL": "GR", "UK": "GB"}
# Of a list of warnings: nobody is licensed by standing on it.
_WARNED: Final = {"added": "warned", "removed": "cleared"}
_WORDS: Final = {
    "en": {
        "warned": "{name} was put on the list of warnings", "cleared": "{name} was taken off the list of warnings",
        "added": "{name} was added to the register",
        "changed": "{name}: its entry in the register was changed",
        "ended": "{name}: its licence has ended",
        "removed": "{name} was removed from the register",
        "services": "services", "authority": "authority", "country": "country",
    },
    "fr": {
        "warned": "{name} a été mis sur la liste des mises en garde",
        "cleared": "{name} a été retiré de la liste des mises en garde",
        "added": "{name} a été ajouté au registre",
        "changed": "{name} : son inscription au registre a changé",
        "ended": "{name} : son agrément a pris fin",
        "removed": "{name} a été retiré du registre",
        "services": "services", "authority": "autorité", "country": "pays",
    },
}  # fmt: skip


def read_register(answer: Answer) -> Parsed:
    """Read all rows; the first look gives no items, as it has nothing to compare with.

    Raises
    ------
    TransientError
        If it is no such file, or lost more rows than any day's work explains.
    """
    entry = answer.entry
    refused: list[UnreadableEntry] = []
    before = {one.key: one for one in answer.rows(entry.id)}
    is_feed = entry.reads.get("form") == FEED
    rows = tuple(warned_rows(answer, before, refused) if is_feed else _rows(answer, refused))
    if len(rows) > MOST_ROWS:
        raise TransientError(f"a register must have at most {MOST_ROWS} rows, had more")
    least = int(entry.reads.get("least", _LEAST))
    # A feed takes back no rows but those that it shows again, corrected.
    lost = 1.0 if is_feed else MOST_LOST
    if len(rows) < max(least, len(before) * (1 - lost)):
        raise TransientError(
            f"the register must have at least {least} rows and four fifths of its former {len(before)}, "
            f"had {len(rows)}"
        )
    found = diff_entries(before, rows, register=entry.id, ts_seen=answer.ts_known)
    digest = hashlib.sha256(answer.body).hexdigest()
    said = tuple(_sighting(answer, one, digest) for one in found)
    return Parsed(
        said, tuple(refused), look=RegisterSnapshot(entry.id, answer.ts_known, rows, answer.document)
    )


def _rows(answer: Answer, refused: list[UnreadableEntry]) -> Iterator[RegisterEntry]:
    text, reads = answer.text.lstrip("\ufeff"), answer.entry.reads
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    table = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(table, [])]
        needed = {*reads["key"].lower().split("+"), reads["name"].lower()}
        if missing := needed - set(names):
            raise TransientError(
                f"answered {head[:60]!r}, which is no register: {', '.join(sorted(missing))}"
            )
        if len(names) > MOST_COLUMNS:
            raise TransientError(f"a register must have at most {MOST_COLUMNS} columns, had {len(names)}")
        seen: dict[str, int] = {}
        left_out = 0
        for place, cells in enumerate(table):
            if place >= MOST_ROWS:
                raise TransientError(f"a register must have at most {MOST_ROWS} rows, had more")
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names) and len(refused) >= MOST_REFUSED:
                left_out += 1
                continue
            if len(cells) != len(names):
                why = f"a row must have {len(names)} cells, had {len(cells)}"
                shown = plain(" ".join(cells[:MOST_COLUMNS]), 200)
                refused.append(UnreadableEntry(answer.entry.id, why, shown, answer.document))
                continue
            said = (plain(cell, _LONGEST_CELL) if cell else "" for cell in cells)
            fields = dict(zip(names, said, strict=True))
            yield _entry(answer, fields, seen)
        if left_out:
            why = f"a row must have {len(names)} cells; of those that have not, the first {MOST_REFUSED} are kept"
            refused.append(UnreadableEntry(answer.entry.id, why, f"{left_out} more", answer.document))
    except csv.Error as fault:
        raise TransientError(f"the register cannot be read: {fault}") from fault


def _entry(answer: Answer, fields: dict[str, str], seen: dict[str, int]) -> RegisterEntry:
    reads = answer.entry.reads

    def cell(what: str) -> str:
        return fields.get(reads[what].lower(), "") if what in reads else ""

    key = "+".join(fields[name] for name in reads["key"].lower().split("+")).strip("+") or cell("name")
    seen[key] = seen.get(key, 0) + 1
    return RegisterEntry(
        register=answer.entry.id,
        key=key if seen[key] == 1 else f"{key}#{seen[key]}",
        name=cell("name") or key,
        lei=cell("lei").upper(),
        country=_country(cell("country")),
        authority=cell("authority"),
        services=_list(cell("services")),
        countries=tuple(dict.fromkeys(_country(one) for one in _list(cell("countries")))),
        website=cell("website"),
        ts_from=_day(cell("from"), answer.entry.zone),
        ts_until=_day(cell("until"), answer.entry.zone),
        fields={name: value for name, value in fields.items() if not _STAMP.search(name)},
    )


def _sighting(answer: Answer, one: RegisterChange, digest: str) -> Sighting:
    entry, row = answer.entry, one.entry
    words = _WORDS.get(entry.language, _WORDS["en"])
    name = f"{row.name} ({row.country})" if row.country else row.name
    what = _WARNED.get(one.kind, one.kind) if entry.lists == "warnings" else one.kind
    return Sighting(
        source=entry.id,
        # The same file read twice, as after a kill, says the same once.
        key=hashlib.sha256(f"{digest}\n{one.kind}\n{one.key}".encode()).hexdigest()[:32],
        url=entry.docs if entry.docs.startswith("https://") else entry.shown,
        title=plain(f"{entry.title}: {words[what].format(name=name)}", LONGEST_TITLE),
        text=plain(_told(one, words), LONGEST_TEXT),
        language=entry.language,
        document=answer.document,
    )


def _told(one: RegisterChange, words: Mapping[str, str]) -> str:
    if one.before is not None and one.after is not None:
        return "; ".join(f"{name}: {old or '–'} → {new or '–'}" for name, old, new in one.fields)
    row = one.entry
    pairs: Sequence[tuple[str, str]] = (
        ("LEI", row.lei),
        (words["services"], ", ".join(row.services)),
        (words["authority"], row.authority),
    )
    return "; ".join(f"{name} {value}" for name, value in pairs if value)


def _list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in _PARTS.split(text) if part))


def _country(text: str) -> str:
    code = text.strip().upper()[:2]
    return _COUNTRIES.get(code, code)


def _day(text: str, zone: str) -> int | None:
    # Registers write days first, whatever stands between.
    parts = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text.strip())
    written = f"{parts[3]}-{parts[2]:0>2}-{parts[1]:0>2}" if parts else text
    read = read_date(written, zone) if written else None
    return read[0] if read else None
