"""Forms by their first word: where the names of a text stand, the longest first, the better ranked of equals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from vigie.intelligence.news.gazetteer.entries import GazetteerEntry, NameForm, load_packaged
from vigie.intelligence.news.reading.words import Tokens, is_all_capitals

# Blanks, hyphens and apostrophes that look alike.
_ALIKE: Final = str.maketrans(
    {
        "\u00a0": " ",
        "\u202f": " ",
        "\t": " ",
        "\n": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\u2019": "'",
        "\u02bc": "'",
    }
)


# What stands after these is the symbol of a share: «Seagate Technology Holdings plc (STX)».
_SHARES: Final = frozenset("inc plc corp corporation ltd holdings nasdaq nyse lse euronext ag nv".split())

# Shorter words in capitals are abbreviations.
_LOUD: Final = 4


@dataclass(frozen=True, slots=True)
class FormMatch:
    """A form that stands in a text.

    Attributes
    ----------
    first, last : int
        Of its words, the last one excluded.
    need : str
        What is still open: nothing, or evidence.
    is_cashtag : bool
        Its sign stands before it.
    """

    form: NameForm
    first: int
    last: int
    needs_evidence: bool
    is_cashtag: bool


# The longest form first, of the same length those that name somebody, then by rank.
_Key = tuple[int, bool, int, NameForm]


class _FormIndex(NamedTuple):
    """Forms that begin with the same word: those of one word, and by the second word all that may stand there."""

    single_word: tuple[NameForm, ...]
    by_second_word: Mapping[str, tuple[NameForm, ...]]


def _index_forms(forms: Sequence[NameForm]) -> _FormIndex:
    # Most forms that begin with the same word go on with another one.
    second_words = dict.fromkeys(form.folded[1] for form in forms if len(form.folded) > 1)
    by_second_word = {
        word: tuple(form for form in forms if len(form.folded) == 1 or form.folded[1] == word)
        for word in second_words
    }
    return _FormIndex(tuple(form for form in forms if len(form.folded) == 1), by_second_word)


def _index_keys(keys: Iterable[_Key]) -> _FormIndex:
    return _index_forms([key[3] for key in sorted(keys, key=lambda key: key[:3])])


class Gazetteer:
    """Entities, found by the forms of their names.

    Parameters
    ----------
    entries_and_forms : iterable of GazetteerEntry or NameForm
        Entities and phrases that block, see `load_packaged`.
    """

    def __init__(self, entries_and_forms: Iterable[GazetteerEntry | NameForm]) -> None:
        self.entries: dict[str, GazetteerEntry] = {}
        by_first: dict[str, list[_Key]] = {}
        for item in entries_and_forms:
            if isinstance(item, GazetteerEntry):
                self.entries[item.id] = item
            for form in item.forms if isinstance(item, GazetteerEntry) else (item,):
                rank = item.rank if isinstance(item, GazetteerEntry) else 0
                key = (-len(form.folded), not form.entity, rank, form)
                by_first.setdefault(form.folded[0], []).append(key)
        self._keys = by_first
        self._forms: dict[str, _FormIndex] = {first: _index_keys(keys) for first, keys in by_first.items()}

    def extended_by(self, entries: Iterable[GazetteerEntry | NameForm]) -> Gazetteer:
        """Return a gazetteer with some more entities and phrases; much faster than making one of all of them."""
        added = Gazetteer(entries)
        extended = Gazetteer(())
        extended.entries = self.entries | added.entries
        extended._keys = self._keys | {
            first: [*self._keys.get(first, ()), *keys] for first, keys in added._keys.items()
        }
        extended._forms = self._forms | {first: _index_keys(extended._keys[first]) for first in added._keys}
        return extended

    def owners(self, name: tuple[str, ...]) -> set[str]:
        """Return the ids of the entities that have a name, as compared."""
        keys = self._keys.get(name[0], ())
        return {key[3].entity for key in keys if key[3].folded == name and key[3].entity}

    def find_matches(self, tokens: Tokens) -> list[FormMatch]:
        """Return where forms stand in a text, from left to right; a phrase that blocks takes its words away."""
        matches: list[FormMatch] = []
        is_loud = is_all_capitals(tokens)
        forms, taken_until = self._forms, 0
        # Most words begin no name.
        for index in [index for index, word in enumerate(tokens.folded) if word in forms]:
            match = (
                self._best_match(forms[tokens.folded[index]], tokens, index, is_loud)
                if index >= taken_until
                else None
            )
            if match is None:
                continue
            if match.form.entity:
                matches.append(match)
            taken_until = match.last
        return matches

    def _best_match(
        self, form_index: _FormIndex, tokens: Tokens, index: int, is_loud: bool
    ) -> FormMatch | None:
        # The first form that stands here; of the same length one without need of evidence comes before others.
        fallback: FormMatch | None = None
        following = tokens.folded[index + 1] if index + 1 < len(tokens.folded) else ""
        for form in form_index.by_second_word.get(following, form_index.single_word):
            if fallback is not None and len(form.folded) < len(fallback.form.folded):
                break
            match = _match_form(
                form, tokens, index, is_loud or (bool(form.need) and self._is_among_capitals(tokens, index))
            )
            if match is not None and not match.needs_evidence:
                return match
            fallback = fallback or match
        return fallback

    def _is_among_capitals(self, tokens: Tokens, index: int) -> bool:
        """Tell whether a word beside is in capitals and no name: «NEAR MISS» is shouted, «NEAR, SOL» is a list."""
        return any(
            len(tokens.raw[beside]) >= _LOUD
            and tokens.raw[beside].isupper()
            and tokens.folded[beside] not in self._forms
            for beside in (index - 1, index + 1)
            if 0 <= beside < len(tokens.raw)
        )


def _match_form(form: NameForm, tokens: Tokens, index: int, is_loud: bool) -> FormMatch | None:
    size = len(form.folded)
    last = index + size
    if size > 1 and (tuple(tokens.folded[index:last]) != form.folded or not _is_joined(form, tokens, index)):
        return None
    raw = tokens.raw[index]
    if not form.entity:
        is_same = not form.exact or is_loud or tuple(tokens.raw[index + 1 : last]) == form.exact[1:]
        return FormMatch(form, index, last, False, False) if is_same else None
    start = tokens.starts[index]
    is_cashtag = form.is_ticker and start > 0 and tokens.text[start - 1] == "$"
    if is_cashtag:
        return FormMatch(form, index, last, False, True)
    if form.is_ticker and index and tokens.folded[index - 1] in _SHARES:
        return None
    if form.is_cashtag_only or (form.exact and tuple(tokens.raw[index:last]) != form.exact):
        return None
    if form.need and not form.exact and not raw[0].isupper() and not raw[0].isdigit():
        return None
    return FormMatch(form, index, last, form.need == "evidence" or (is_loud and bool(form.need)), False)


def _is_joined(form: NameForm, tokens: Tokens, first_word: int) -> bool:
    for index, wanted in enumerate(form.gaps):
        gap = tokens.text[tokens.ends[first_word + index] : tokens.starts[first_word + index + 1]]
        if gap != wanted and not _is_alike(gap.translate(_ALIKE), wanted.translate(_ALIKE)):
            return False
    return True


def _is_alike(gap: str, wanted: str) -> bool:
    if gap == wanted:
        return True
    # Blank and hyphen stand for one another; an abbreviation is written with and without its points, but a point
    # that the list does not have ends a sentence.
    return gap.strip(" -.") == wanted.strip(" -.") == "" and ("." not in gap or "." in wanted)


def packaged_gazetteer(extra: Iterable[GazetteerEntry | NameForm] = ()) -> Gazetteer:
    """Return the gazetteer of the packaged lists and, where a house has them, its own."""
    own = tuple(extra)
    return _packaged().extended_by(own) if own else _packaged()


@cache
def _packaged() -> Gazetteer:
    # Made once a process: it takes a second, and nothing changes one.
    return Gazetteer(load_packaged())
