"""Forms by their first word: where the names of a text stand, the longest first, the better ranked of equals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from vigie.intelligence.news.gazetteer.entries import Entry, Form, packaged
from vigie.intelligence.news.reading.words import Words, is_shouted

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
class Place:
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

    form: Form
    first: int
    last: int
    needs_evidence: bool
    is_cashtag: bool


# The longest form first, of the same length those that name somebody, then by rank.
_Key = tuple[int, bool, int, Form]


class _Begun(NamedTuple):
    """Forms that begin with the same word: those of one word, and by the second word all that may stand there."""

    alone: tuple[Form, ...]
    on: Mapping[str, tuple[Form, ...]]


def _begun(forms: Sequence[Form]) -> _Begun:
    # Most forms that begin with the same word go on with another one.
    longer = dict.fromkeys(form.folded[1] for form in forms if len(form.folded) > 1)
    on = {
        word: tuple(form for form in forms if len(form.folded) == 1 or form.folded[1] == word)
        for word in longer
    }
    return _Begun(tuple(form for form in forms if len(form.folded) == 1), on)


def _sorted(keys: Iterable[_Key]) -> _Begun:
    return _begun([key[3] for key in sorted(keys, key=lambda key: key[:3])])


class Gazetteer:
    """Entities, found by the forms of their names.

    Parameters
    ----------
    found : iterable of Entry or Form
        Entities and phrases that block, see `packaged`.
    """

    def __init__(self, found: Iterable[Entry | Form]) -> None:
        self.entries: dict[str, Entry] = {}
        by_first: dict[str, list[_Key]] = {}
        for one in found:
            if isinstance(one, Entry):
                self.entries[one.id] = one
            for form in one.forms if isinstance(one, Entry) else (one,):
                rank = one.rank if isinstance(one, Entry) else 0
                key = (-len(form.folded), not form.entity, rank, form)
                by_first.setdefault(form.folded[0], []).append(key)
        self._keys = by_first
        self._forms: dict[str, _Begun] = {first: _sorted(keys) for first, keys in by_first.items()}

    def with_more(self, found: Iterable[Entry]) -> Gazetteer:
        """Return a gazetteer with some more entities; much faster than making one of all of them."""
        more = Gazetteer(found)
        made = Gazetteer(())
        made.entries = self.entries | more.entries
        made._keys = self._keys | {
            first: [*self._keys.get(first, ()), *keys] for first, keys in more._keys.items()
        }
        made._forms = self._forms | {first: _sorted(made._keys[first]) for first in more._keys}
        return made

    def owners(self, name: tuple[str, ...]) -> set[str]:
        """Return the ids of the entities that have a name, as compared."""
        keys = self._keys.get(name[0], ())
        return {key[3].entity for key in keys if key[3].folded == name and key[3].entity}

    def places(self, found: Words) -> list[Place]:
        """Return where forms stand in a text, from left to right; a phrase that blocks takes its words away."""
        places: list[Place] = []
        is_loud = is_shouted(found)
        forms, taken = self._forms, 0
        # Most words begin no name.
        for at in [at for at, word in enumerate(found.folded) if word in forms]:
            place = self._place(forms[found.folded[at]], found, at, is_loud) if at >= taken else None
            if place is None:
                continue
            if place.form.entity:
                places.append(place)
            taken = place.last
        return places

    def _place(self, begun: _Begun, found: Words, at: int, is_loud: bool) -> Place | None:
        # The first form that stands here; of the same length one without need of evidence comes before others.
        second: Place | None = None
        following = found.folded[at + 1] if at + 1 < len(found.folded) else ""
        for form in begun.on.get(following, begun.alone):
            if second is not None and len(form.folded) < len(second.form.folded):
                break
            place = _stands(
                form, found, at, is_loud or (bool(form.need) and self._is_among_capitals(found, at))
            )
            if place is not None and not place.needs_evidence:
                return place
            second = second or place
        return second

    def _is_among_capitals(self, found: Words, at: int) -> bool:
        """Tell whether a word beside is in capitals and no name: «NEAR MISS» is shouted, «NEAR, SOL» is a list."""
        return any(
            len(found.raw[beside]) >= _LOUD
            and found.raw[beside].isupper()
            and found.folded[beside] not in self._forms
            for beside in (at - 1, at + 1)
            if 0 <= beside < len(found.raw)
        )


def _stands(form: Form, found: Words, at: int, is_loud: bool) -> Place | None:
    size = len(form.folded)
    last = at + size
    if size > 1 and (tuple(found.folded[at:last]) != form.folded or not _is_joined(form, found, at)):
        return None
    raw = found.raw[at]
    if not form.entity:
        is_same = not form.exact or is_loud or tuple(found.raw[at + 1 : last]) == form.exact[1:]
        return Place(form, at, last, False, False) if is_same else None
    start = found.starts[at]
    is_cashtag = form.is_ticker and start > 0 and found.text[start - 1] == "$"
    if is_cashtag:
        return Place(form, at, last, False, True)
    if form.is_ticker and at and found.folded[at - 1] in _SHARES:
        return None
    if form.is_cashtag_only or (form.exact and tuple(found.raw[at:last]) != form.exact):
        return None
    if form.need and not form.exact and not raw[0].isupper() and not raw[0].isdigit():
        return None
    return Place(form, at, last, form.need == "evidence" or (is_loud and bool(form.need)), False)


def _is_joined(form: Form, found: Words, at: int) -> bool:
    for index, wanted in enumerate(form.gaps):
        gap = found.text[found.ends[at + index] : found.starts[at + index + 1]]
        if gap != wanted and not _is_alike(gap.translate(_ALIKE), wanted.translate(_ALIKE)):
            return False
    return True


def _is_alike(gap: str, wanted: str) -> bool:
    if gap == wanted:
        return True
    # Blank and hyphen stand for one another; an abbreviation is written with and without its points, but a point
    # that the list does not have ends a sentence.
    return gap.strip(" -.") == wanted.strip(" -.") == "" and ("." not in gap or "." in wanted)


def packaged_gazetteer(extra: Iterable[Entry | Form] = ()) -> Gazetteer:
    """Return the gazetteer of the packaged lists and, where a house has them, its own."""
    return Gazetteer((*packaged(), *extra))
