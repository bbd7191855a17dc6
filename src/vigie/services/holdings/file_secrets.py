"""A file of holdings with a seed phrase or a private key is refused whole, in words that repeat nothing of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from vigie.domain.pasted_secrets import PastedSecret, is_private_key, is_seed_phrase
from vigie.services.holdings.file_table import FileTable, normal

# Twelve Chinese words with a sign between them; no whole key is shorter, but for a cut extended one.
_SHORTEST: Final = 23
_EXTENDED: Final = "prv"
_NUMBER: Final = re.compile(r"\d{3}")
_LETTERS: Final = re.compile(r"[a-z]+")
# Ids and hashes of transactions, and addresses of some chains, are 64 hexadecimal digits.
_HASHES: Final = frozenset(
    {"hash", "hashes", "txhash", "txid", "tx", "id", "refid", "txsrc", "txdest", "signature", "address"}
)


def refuse_file_secrets(table: FileTable, head: int, *, ids: Collection[str], kept: Collection[str]) -> None:
    """Refuse a file of which a cell holds a seed phrase or a private key, or a row is one word after the other.

    Parameters
    ----------
    table : FileTable
        All of it, columns that nobody reads, too.
    head : int
        The line of its headers.
    ids, kept : collection of str
        Headers, as they are compared, of columns that a person named as ids, and as anything else. An id is no key,
        whatever it looks like; nothing of it is kept.

    Raises
    ------
    PastedSecret
        If one does; the sentence names row and column.
    """
    hashes = [_is_hash(normal(header), ids, kept) for header in table.headers]
    for line, cells in ((head, table.headers), *table.rows):
        for place, cell in enumerate(cells):
            if len(cell) < _SHORTEST and _EXTENDED not in cell:
                continue
            is_hash = place < len(hashes) and hashes[place] and line != head
            if is_seed_phrase(cell) or (not is_hash and is_private_key(cell)):
                raise _refusal(line, _column_name(table.headers, place, is_head=line == head), cell)
        # Headers are many words, too; a row that says a day or an amount is no phrase.
        row = " ".join(cells) if line != head else ""
        if not _NUMBER.search(row) and is_seed_phrase(row):
            raise _refusal(line, "1", row)


def _is_hash(header: str, ids: Collection[str], kept: Collection[str]) -> bool:
    if header in kept:
        return False
    return header in ids or not _HASHES.isdisjoint(_LETTERS.findall(header))


def _column_name(headers: Sequence[str], place: int, *, is_head: bool) -> str:
    """Return the header of a column; its number where it has none, or where it is the secret."""
    header = "" if is_head or place >= len(headers) else headers[place].strip()
    return header or str(place + 1)


def _refusal(line: int, column: str, cell: str) -> PastedSecret:
    if is_seed_phrase(cell):
        return PastedSecret(
            "import_seed_phrase",
            "row {row}, column {column}, looks like a seed phrase: whoever has it can take your coins; nothing of the "
            "file was kept. Take it out of the file and all copies of it",
            row=line,
            column=column,
        )
    return PastedSecret(
        "import_private_key",
        "row {row}, column {column}, looks like a private key: whoever has it can take your coins; nothing of the "
        "file was kept. Take it out of the file and all copies of it; a transaction’s hash belongs in a "
        "column that is named as an id",
        row=line,
        column=column,
    )
