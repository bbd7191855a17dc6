"""Registers in files of rows: all rows, and what became different since the last look as items."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from vigie.adapters.sources.news.cleaning import MAX_TEXT_LENGTH, MAX_TITLE_LENGTH, plain_text
from vigie.adapters.sources.news.dates import parse_date
from vigie.adapters.sources.news.parsing import MAX_REFUSED, ParsedSource
from vigie.adapters.sources.news.source_response import SourceResponse
from vigie.adapters.sources.news.warning_feed import FEED, read_warnings
from vigie.catalogue import NamedTexts
from vigie.domain.errors import TransientError
from vigie.domain.item import Sighting
from vigie.domain.register import RegisterChange, RegisterEntry, diff_entries
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import UnreadableEntry

MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 300
# A register that lost so much at once is a broken file, not a day's work of an authority.
MAX_LOST_SHARE: Final = 0.2
_MAX_CELL_LENGTH: Final = 2_000
_MIN_ROWS: Final = 1
# Says when a row was written, which is no change of what it says.
_UPDATE_COLUMN: Final = re.compile(r"last_?update", re.I)
_LIST_SEPARATORS: Final = re.compile(r"[|;,\s]+")
# The European Union writes Greece so.
_COUNTRIES: Final = {"EL": "GR", "UK": "GB"}
# Of a list of warnings: nobody is licensed by standing on it.
_WARNING_KINDS: Final = {"added": "warned", "removed": "cleared"}
_TEXTS: Final = NamedTexts(
    "register",
    {
        "warned": "{name} was put on the list of warnings",
        "cleared": "{name} was taken off the list of warnings",
        "added": "{name} was added to the register",
        "changed": "{name}: its entry in the register was changed",
        "ended": "{name}: its licence has ended",
        "removed": "{name} was removed from the register",
        "services": "services",
        "authority": "authority",
        "country": "country",
        "countries": "countries served",
        "name": "name",
        "website": "website",
        "from": "licence from",
        "until": "licence until",
    },
)


def read_register(response: SourceResponse) -> ParsedSource:
    """Read all rows; the first look gives no items, as it has nothing to compare with.

    Raises
    ------
    TransientError
        If it is no such file, or lost more rows than any day's work explains.
    """
    entry = response.entry
    refused: list[UnreadableEntry] = []
    former_rows = {row.key: row for row in response.rows(entry.id)}
    is_feed = entry.reads.get("form") == FEED
    rows = tuple(read_warnings(response, former_rows, refused) if is_feed else _read_rows(response, refused))
    if len(rows) > MAX_ROWS:
        raise TransientError(
            "register_must_most_rows",
            "a register must have at most {max_rows} rows, had more",
            max_rows=MAX_ROWS,
        )
    least = int(entry.reads.get("least", _MIN_ROWS))
    # A feed takes back no rows but those that it shows again, corrected.
    max_lost = 1.0 if is_feed else MAX_LOST_SHARE
    if len(rows) < max(least, len(former_rows) * (1 - max_lost)):
        raise TransientError(
            "register_must_least_rows_previous",
            "the register must have at least {least} rows and 80% of its previous {former_rows_count}, "
            "had {rows_count}",
            least=least,
            former_rows_count=len(former_rows),
            rows_count=len(rows),
        )
    changes = diff_entries(former_rows, rows, register=entry.id, ts_seen=response.ts_known)
    digest = hashlib.sha256(response.body).hexdigest()
    sightings = tuple(_change_sighting(response, row, digest) for row in changes)
    return ParsedSource(
        sightings,
        tuple(refused),
        snapshot=RegisterSnapshot(entry.id, response.ts_known, rows, response.document),
    )


def _read_rows(response: SourceResponse, refused: list[UnreadableEntry]) -> Iterator[RegisterEntry]:
    text, reads = response.text.lstrip("\ufeff"), response.entry.reads
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    table = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        names = [name.strip().lower() for name in next(table, [])]
        needed = {*reads["key"].lower().split("+"), reads["name"].lower()}
        if missing := needed - set(names):
            raise TransientError(
                "answered_which_not_register",
                "answered {header!r}, which is not a register: {missing}",
                header=header[:60],
                missing=", ".join(sorted(missing)),
            )
        if len(names) > MAX_COLUMNS:
            raise TransientError(
                "register_must_most_columns",
                "a register must have at most {max_columns} columns, had {names_count}",
                max_columns=MAX_COLUMNS,
                names_count=len(names),
            )
        key_counts: dict[str, int] = {}
        left_out = 0
        for index, cells in enumerate(table):
            if index >= MAX_ROWS:
                raise TransientError(
                    "register_must_most_rows",
                    "a register must have at most {max_rows} rows, had more",
                    max_rows=MAX_ROWS,
                )
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(names) and len(refused) >= MAX_REFUSED:
                left_out += 1
                continue
            if len(cells) != len(names):
                reason = f"a row must have {len(names)} cells, had {len(cells)}"
                excerpt = plain_text(" ".join(cells[:MAX_COLUMNS]), 200)
                refused.append(UnreadableEntry(response.entry.id, reason, excerpt, response.document))
                continue
            cleaned = (plain_text(cell, _MAX_CELL_LENGTH) if cell else "" for cell in cells)
            fields = dict(zip(names, cleaned, strict=True))
            yield _row_entry(response, fields, key_counts)
        if left_out:
            reason = f"a row must have {len(names)} cells; of those that have not, the first {MAX_REFUSED} are kept"
            refused.append(UnreadableEntry(response.entry.id, reason, f"{left_out} more", response.document))
    except csv.Error as fault:
        raise TransientError(
            "register_cannot_read", "the register cannot be read: {fault}", fault=fault
        ) from fault


def _row_entry(response: SourceResponse, fields: dict[str, str], key_counts: dict[str, int]) -> RegisterEntry:
    reads = response.entry.reads

    def cell(column: str) -> str:
        return fields.get(reads[column].lower(), "") if column in reads else ""

    key = "+".join(fields[name] for name in reads["key"].lower().split("+")).strip("+") or cell("name")
    key_counts[key] = key_counts.get(key, 0) + 1
    return RegisterEntry(
        register=response.entry.id,
        key=key if key_counts[key] == 1 else f"{key}#{key_counts[key]}",
        name=cell("name") or key,
        lei=cell("lei").upper(),
        country=_country_code(cell("country")),
        authority=cell("authority"),
        services=_split_list(cell("services")),
        countries=tuple(dict.fromkeys(_country_code(country) for country in _split_list(cell("countries")))),
        website=cell("website"),
        ts_from=_parse_day(cell("from"), response.entry.zone),
        ts_until=_parse_day(cell("until"), response.entry.zone),
        fields={name: value for name, value in fields.items() if not _UPDATE_COLUMN.search(name)},
    )


def _change_sighting(response: SourceResponse, change: RegisterChange, digest: str) -> Sighting:
    entry, row = response.entry, change.entry
    texts = _TEXTS[entry.language if entry.language in _TEXTS else "en"]
    name = f"{row.name} ({row.country})" if row.country else row.name
    text_key = _WARNING_KINDS.get(change.kind, change.kind) if entry.lists == "warnings" else change.kind
    return Sighting(
        source=entry.id,
        # The same file read twice, as after a kill, says the same once.
        key=hashlib.sha256(f"{digest}\n{change.kind}\n{change.key}".encode()).hexdigest()[:32],
        url=entry.docs if entry.docs.startswith("https://") else entry.public_address,
        title=plain_text(f"{entry.title}: {texts[text_key].format(name=name)}", MAX_TITLE_LENGTH),
        text=plain_text(_change_text(change, texts, entry.reads), MAX_TEXT_LENGTH),
        language=entry.language,
        document=response.document,
    )


def _change_text(change: RegisterChange, texts: Mapping[str, str], reads: Mapping[str, str]) -> str:
    if change.before is not None and change.after is not None:
        # Columns that are not read go by the authority's own name for them.
        words = {column.lower(): texts[part] for part, column in reads.items() if part in texts}
        return "; ".join(
            f"{words.get(name, name)}: {old or '–'} → {new or '–'}" for name, old, new in change.fields
        )
    row = change.entry
    pairs: Sequence[tuple[str, str]] = (
        ("LEI", row.lei),
        (texts["services"], ", ".join(row.services)),
        (texts["authority"], row.authority),
    )
    return "; ".join(f"{name} {value}" for name, value in pairs if value)


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for part in _LIST_SEPARATORS.split(text) if part))


def _country_code(text: str) -> str:
    code = text.strip().upper()[:2]
    return _COUNTRIES.get(code, code)


def _parse_day(text: str, zone: str) -> int | None:
    # Registers write days first, whatever stands between.
    parts = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", text.strip())
    date_text = f"{parts[3]}-{parts[2]:0>2}-{parts[1]:0>2}" if parts else text
    stated_date = parse_date(date_text, zone) if date_text else None
    return stated_date[0] if stated_date else None
