"""Rows that name a file, or a file and a key: Python, TOML, CSV, TypeScript, one template."""

from __future__ import annotations

import re
from typing import Final

from tools.texts import keyed
from tools.texts.keyed import Kept
from tools.texts.literals import Literal
from tools.texts.planned import Decided
from tools.texts.rows import Refused, Row
from tools.texts.tree import Edit
from tools.texts.uses import REFUSALS, SOURCE, WEB, Uses, is_word
from tools.texts.writing import flat, in_docstring, rewritten, shaped

_FILE: Final = re.compile(r"^([\w/.-]+\.(?:py|toml|csv|ts|html|po))(?::([\w. -]+)$)?(.*)$")
_REPORT: Final = "research/report/texts"
# What programs read or what is stored: its English stays, see the notes beside the tables.
STORED: Final = (
    "services/operations/", "services/market_data/", "services/news/item_rows.py", "services/news/brief_words.py",
    "services/news/reason_words.py", "services/alerting/watching/", "services/trading/", "intelligence/news/",
    "adapters/",
)  # fmt: skip
LEAST: Final = 20


def decide_places(uses: Uses, rows: list[Row], decided: Decided) -> None:
    """Apply rows that name a file.

    Parameters
    ----------
    uses : Uses
        Where texts stand.
    rows : list of Row
        Those of no catalogue.
    decided : Decided
        Gets what is decided.
    """
    for row in rows:
        path = ""
        try:
            path, key = _place(uses, row)
            _one(uses, row, path, key, decided)
            decided.applied.append(row)
        except Refused as fault:
            decided.refuse([row], fault.reason, fault.where)
            if path not in ("", REFUSALS) and not row.is_french_only:
                decided.claims.add((path, row.old))


def _place(uses: Uses, row: Row) -> tuple[str, str]:
    if row.catalogue.startswith(_REPORT + ":"):
        return f"{SOURCE}{_REPORT}/en.py", row.catalogue.split(":", 1)[1]
    found = _FILE.match(row.catalogue)
    if found is None or found[1].endswith(".po"):
        raise Refused("the place is not understood")
    path = found[1] if uses.tree.has(found[1]) else SOURCE + found[1]
    key = found[2] or ""
    if found[3] and not re.match(r":?\s*(\d+|en, fr$)", found[3].strip()) and "column" not in found[3]:
        raise Refused("the place is not understood")
    if path.endswith(("/words.toml", "/about.toml")):
        path = path.removesuffix(".toml") + ".en.toml"
    if not uses.tree.has(path):
        raise Refused("no such file", path)
    # A number of a line is no key: the text itself says where it is.
    return path, "" if key.isdigit() else key


def _one(uses: Uses, row: Row, path: str, key: str, decided: Decided) -> None:
    row.check()
    below = path.removeprefix(SOURCE)
    is_column = row.kind == "column" or "column" in row.catalogue
    if not row.is_french_only and (below.startswith(STORED) or is_column):
        raise Refused("stored or goes out as JSON", below)
    if path == REFUSALS:
        raise Refused("goes with the label's own row")
    if path.endswith(".toml"):
        uses.tree.apply(_toml(uses, row, path, key))
    elif path.endswith(".csv"):
        _csv(uses, row, path)
    elif path.endswith(".ts"):
        uses.tree.apply(_typescript(uses, row, path))
    elif path.endswith(".html"):
        _page(uses, row, path, [said for said in uses.templates[path] if said.kind != "string"], decided)
    else:
        _python(uses, row, path, key, decided)


def _toml(uses: Uses, row: Row, path: str, key: str) -> list[Edit]:
    found = []
    for file, text, must in ((path, row.new, row.old), (path.replace(".en.toml", ".fr.toml"), row.fr, None)):
        kept = _kept(keyed.toml_texts(uses.tree.text(file)), key)
        if must is not None and kept.value != must:
            raise Refused(
                "applied already" if kept.value == row.new else "another text at its key", kept.value
            )
        found.append(Edit(file, *kept.value_at, keyed.toml_written(text)))
    return found


def _kept(texts: dict[tuple[str, str], Kept], key: str) -> Kept:
    for (section, name), kept in texts.items():
        if f"{section}.{name}".lstrip(".") == key:
            return kept
    raise Refused("no such key", key)


def _csv(uses: Uses, row: Row, path: str) -> None:
    source = uses.tree.changed().get(path) or uses.tree.text(path)
    french = keyed.csv_twin(source, "en", row.old, "fr")
    done = keyed.csv_replaced(source, "en", row.old, row.new)
    if done is None or not french:
        raise Refused("not found at its place", path)
    uses.tree.put(path, keyed.csv_replaced(done, "fr", french, row.fr) or done)


def _typescript(uses: Uses, row: Row, path: str) -> list[Edit]:
    texts = keyed.typescript_texts(uses.tree.text(path))
    found = []
    for (language, key), kept in texts.items():
        twin = texts.get(("FRENCH", key))
        if language == "ENGLISH" and kept.value == row.old and twin:
            found.append(Edit(path, *kept.value_at, keyed.typescript_written(row.new)))
            found.append(Edit(path, *twin.value_at, keyed.typescript_written(row.fr)))
    if not found:
        raise Refused("not found at its place", path)
    return found


def _page(uses: Uses, row: Row, path: str, texts: list, decided: Decided) -> None:
    """Give one place of a page a text of its own, with its French in the page's catalogue."""
    here = [one for one in texts if one.text == row.old]
    if not here:
        raise Refused("not found at its place", path)
    catalogue = path.rsplit("/", 1)[0] + "/fr.po"
    if catalogue not in uses.catalogues:
        catalogue = WEB + "locales/fr.po"
    known = {one.french().get(row.new, row.fr) for one in uses.catalogues.values()}
    if known != {row.fr}:
        raise Refused("two texts become one, with another French", f"{row.new}: {sorted(known)}")
    by_span = {use.span: use for use in uses.by_text[row.old] if use.path == path}
    uses.tree.apply([by_span[one.start, one.end].edit(uses.tree, row.new) for one in here])
    if not any(row.new in one.french() for one in uses.catalogues.values()):
        decided.added[catalogue][row.new] = row.fr


def _python(uses: Uses, row: Row, path: str, key: str, decided: Decided) -> None:
    texts = uses.literals(path)
    here = [
        one for one in texts if one.kind == "value" and flat(one.text) == flat(row.old) and _has(one, key)
    ]
    if path.startswith(WEB + "pages/"):
        _page(
            uses,
            row,
            path,
            [one for one in here if not is_word(row.old) or one.call in ("text", "plural")],
            decided,
        )
        return
    found = [rewritten(one, uses.tree.text(path), shaped(row.new, one.fields)) for one in here]
    if here and row.fr:
        found += _french(uses, row, here)
    if not here and not row.fr:
        found = _within(uses, row, path)
    if not found:
        raise Refused("not found at its place", path)
    uses.tree.apply(found)


def _has(literal: Literal, key: str) -> bool:
    return not key or key.split(" ")[-1] in [str(part) for part in literal.keys] or key in literal.keys


def _within(uses: Uses, row: Row, path: str) -> list[Edit]:
    """Return edits of docstrings, or of one longer text that holds the old one whole."""
    source, texts = uses.tree.text(path), uses.literals(path)
    found = [in_docstring(one, uses.tree, row.old, row.new) for one in texts if one.kind == "docstring"]
    if any(found):
        return [edit for edit in found if edit]
    longer = [one for one in texts if one.kind == "value" and row.old in one.text]
    if len(row.old) < LEAST or len(longer) != 1 or longer[0].text.count(row.old) != 1:
        return []
    one = longer[0]
    around = one.text.split(row.old)
    if re.search(r"\w$", around[0]) or re.match(r"\w", around[1]):
        return []
    return [rewritten(one, source, shaped(row.new.join(around), one.fields))]


def _french(uses: Uses, row: Row, here: list[Literal]) -> list[Edit]:
    found = []
    for one in here:
        path = one.path.replace("/en.py", "/fr.py")
        wanted = set(_twins(one)) | ({one.keys} if path != one.path else set())
        twins = [other for other in uses.literals(path) if other.keys in wanted and other.kind == "value"]
        if len(twins) != 1:
            raise Refused("no French beside it", uses.tree.line(one.path, one.start))
        found.append(rewritten(twins[0], uses.tree.text(path), shaped(row.fr, twins[0].fields)))
    return found


def _twins(one: Literal) -> list[tuple[str | int, ...]]:
    keys = one.keys
    names = {"en": "fr", "EN": "FR", "_EN": "_FR", "ENGLISH": "FRENCH", "_ENGLISH": "_FRENCH"}
    found = [
        (*keys[:at], names[str(key)], *keys[at + 1 :]) for at, key in enumerate(keys) if str(key) in names
    ]
    if one.is_pair and keys and keys[-1] == 0:
        found.append((*keys[:-1], 1))
    return found
