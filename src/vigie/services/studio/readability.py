"""Whether the colours of a house style can be read, and those that follow from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final

from vigie.domain.errors import UsageError
from vigie.services.studio.colours import (
    LEAST_CONTRAST,
    LEAST_DISTANCE,
    contrast,
    distance,
    linear,
)
from vigie.services.studio.style import GROUND, INK, PLAIN, SERIES

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
# How much of the ground is in what is written beside, in lines of the grid, in axes.
_MUTED_SHARES: Final = (0.3, 0.2, 0.1, 0.0)
_RULE: Final = 0.82
_AXIS: Final = 0.5
# Steps towards white in which further colours are looked for where the ground is dark.
_LIGHTEN_SHARES: Final = (0.0, 0.35, 0.55, 0.7)


def colour_of(text: str) -> str:
    """Return a colour such as ``#1155cc``.

    Raises
    ------
    UsageError
        If it is none: nothing else may reach a style or a picture.
    """
    colour = text.strip().lower()
    if not _COLOUR.fullmatch(colour):
        raise UsageError(
            "colour_must_look_like_cc", "a colour must look like #1155cc, was {text!r}", text=text[:40]
        )
    return colour


def check_colours(colours: Sequence[str], ground: str, ink: str) -> None:
    """Refuse colours that cannot be read on the ground, and lines that look alike.

    Raises
    ------
    UsageError
        With the pair, its contrast and the least that is enough.
    """
    for colour in (ink, *colours):
        ratio = contrast(colour, ground)
        if ratio < LEAST_CONTRAST:
            raise UsageError(
                "hard_read",
                "{colour} on {ground} is hard to read: its contrast is {ratio:.1f}, at least "
                "{least_contrast} is needed",
                colour=colour,
                ground=ground,
                ratio=ratio,
                least_contrast=LEAST_CONTRAST,
            )
    for first, second in combinations(colours, 2):
        if distance(linear(first), linear(second)) < LEAST_DISTANCE:
            raise UsageError(
                "lines_look_alike",
                "the lines {first} and {second} look alike; choose more distinct colours",
                first=first,
                second=second,
            )


def line_colours(colours: Sequence[str], ground: str, ink: str) -> tuple[str, ...]:
    """Return eight colours of lines: those that were chosen, then shipped ones that can be read beside them."""
    return _line_colours(tuple(colours), ground, ink)


# Asked for with every page and file of a board.
@lru_cache(maxsize=256)
def _line_colours(colours: tuple[str, ...], ground: str, ink: str) -> tuple[str, ...]:
    chosen = list(colours)
    for share in _LIGHTEN_SHARES:
        for shipped in SERIES:
            candidate = mix_colours(shipped, "#ffffff", share)
            is_apart = all(
                distance(linear(candidate), linear(chosen_colour)) >= LEAST_DISTANCE
                for chosen_colour in chosen
            )
            if len(chosen) < len(SERIES) and contrast(candidate, ground) >= LEAST_CONTRAST and is_apart:
                chosen.append(candidate)
    return tuple([*chosen, *[ink] * len(SERIES)][: len(SERIES)])


def derived_colours(ground: str, ink: str) -> tuple[str, str, str]:
    """Return the colours of smaller words, of lines of the grid and of axes."""
    if (ground, ink) == (GROUND, INK):
        return PLAIN.muted, PLAIN.rule, PLAIN.axis
    muted = next(
        candidate
        for share in _MUTED_SHARES
        if contrast(candidate := mix_colours(ink, ground, share), ground) >= LEAST_CONTRAST
    )
    return muted, mix_colours(ink, ground, _RULE), mix_colours(ink, ground, _AXIS)


def mix_colours(first: str, second: str, share: float) -> str:
    """Return a colour with `share` of a second one in it."""
    pairs = [(int(first[start : start + 2], 16), int(second[start : start + 2], 16)) for start in (1, 3, 5)]
    return "#" + "".join(
        f"{round(first_value + (second_value - first_value) * share):02x}"
        for first_value, second_value in pairs
    )


__all__ = ["check_colours", "colour_of", "derived_colours", "line_colours", "mix_colours"]
