"""Tests and documents that quote a text which is another one now."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from tools.texts.planned import Decided
from tools.texts.refusals import Raised, filled
from tools.texts.rows import FORMS, Refused
from tools.texts.tree import Edit
from tools.texts.uses import Uses
from tools.texts.writing import rewritten

_QUOTES: Final = (("**", "**"), ("`", "`"), ('"', '"'), ("\u201c", "\u201d"))
# A text that is as short as this stands in too many sentences that are about something else.
SHORT: Final = 4


def pairs_of(uses: Uses, decided: Decided) -> dict[str, tuple[str, set[str]]]:
    """Return new texts by the old ones, English and French, with the pages that show them; no ambiguous ones.

    Parameters
    ----------
    uses : Uses
        For the French that was.
    decided : Decided
        What was applied; gets texts that have become several.
    """
    news: dict[str, set[str]] = defaultdict(set)
    pages: dict[str, set[str]] = defaultdict(set)
    for row in decided.applied:
        page = re.search(r"pages/(\w+)/", row.catalogue)
        # Of a row that names a page the text is another one there only.
        if row.catalogue.startswith("refusals:") or (page and not row.catalogue.endswith(".po")):
            continue
        was = [
            one.french().get(row.old) for path, one in uses.catalogues.items() if path.endswith(row.catalogue)
        ]
        said = [*zip(row.old.split(FORMS), row.new.split(FORMS), strict=False)]
        for french in filter(None, was):
            said += zip(french.split(FORMS), row.fr.split(FORMS), strict=False)
        for old, new in said:
            news[old].add(new)
            if page:
                pages[old].add(page[1])
    decided.look += [
        f"several new texts\t\t{old}\t{sorted(new)}" for old, new in news.items() if len(new) > 1
    ]
    return {
        old: (next(iter(new)), pages[old]) for old, new in news.items() if len(new) == 1 and old not in new
    }


def requote(uses: Uses, raised: Raised, decided: Decided) -> None:
    """Change what tests and documents quote.

    Parameters
    ----------
    uses : Uses
        All texts.
    raised : Raised
        Sentences of refusals.
    decided : Decided
        What was applied; gets what is left to look at.
    """
    pairs = pairs_of(uses, decided)
    sentences = {
        row.old: row.new
        for row in decided.applied
        if row.catalogue.startswith("refusals:") and not row.is_french_only
    }
    long = [old for old in pairs if " " in old and len(old) > SHORT]
    for path in uses.tree.files("tests/**/*.py"):
        source = uses.tree.text(path)
        # Tests of these tools have texts of their own making.
        if "tools.texts" not in source and (sentences or any(old in source for old in pairs)):
            _tests(uses, raised, path, pairs, sentences, decided)
    for path in [*uses.tree.files("docs/**/*.md"), *uses.tree.files("README.md")]:
        _document(uses, path, pairs, long, decided)


def _tests(
    uses: Uses, raised: Raised, path: str, pairs: dict[str, tuple[str, set[str]]], sentences: dict[str, str],
    decided: Decided,
) -> None:  # fmt: skip
    source = uses.tree.text(path)
    for literal in uses.literals(path):
        if literal.kind == "docstring":
            continue
        shape = _tagged(literal.shape, pairs)
        if literal.text in pairs and not literal.fields:
            new, pages = pairs[literal.text]
            if " " in literal.text or any(page in path for page in pages):
                shape = new
            elif any(page in path for page in pages) or literal.text[:1].isupper():
                decided.look.append(f"one word\t{uses.tree.line(path, literal.start)}\t{literal.text}\t{new}")
        elif sentences and " " in literal.shape:
            fits = raised.of(literal.shape)
            if fits and fits[1] in sentences:
                shape = fits[0] + filled(sentences[fits[1]], fits[2])
        if shape != literal.shape:
            _apply(uses, [rewritten(literal, source, shape)], decided)
        elif " " in literal.shape:
            left = next((old for old in pairs if " " in old and old in literal.shape), None)
            if left:
                decided.look.append(
                    f"quoted in part\t{uses.tree.line(path, literal.start)}\t{left}\t{pairs[left][0]}"
                )


def _tagged(shape: str, pairs: dict[str, tuple[str, set[str]]]) -> str:
    return re.sub(
        r">([^<>]+)<", lambda found: f">{pairs[found[1]][0]}<" if found[1] in pairs else found[0], shape
    )


def _document(
    uses: Uses, path: str, pairs: dict[str, tuple[str, set[str]]], long: list[str], decided: Decided
) -> None:
    source = uses.tree.text(path)
    for old in pairs:
        if old not in source:
            continue
        for left, right in _QUOTES:
            for found in re.finditer(re.escape(left + old + right), source):
                start = found.start() + len(left)
                if " " in old:
                    _apply(uses, [Edit(path, start, start + len(old), pairs[old][0])], decided)
                else:
                    decided.look.append(f"one word\t{uses.tree.line(path, start)}\t{old}\t{pairs[old][0]}")
        plain = re.search(rf"(?<![\w`*\"\u201c]){re.escape(old)}(?![\w`*\"\u201d])", source)
        if old in long and plain:
            decided.look.append(
                f"quoted in part\t{uses.tree.line(path, plain.start())}\t{old}\t{pairs[old][0]}"
            )


def _apply(uses: Uses, edits: list[Edit], decided: Decided) -> None:
    try:
        uses.tree.apply(edits)
    except Refused as fault:
        decided.look.append(f"{fault.reason}\t{fault.where}\t\t")
