"""How a piece reads at a time: title, teaser, paragraphs, address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vigie.sandbox.world.grains import key_of, uniforms
from vigie.sandbox.world.newsroom.coverage import Piece
from vigie.sandbox.world.newsroom.facts import Event, facts_of, filled, said
from vigie.sandbox.world.newsroom.grammar import Wording, templates, words
from vigie.sandbox.world.newsroom.outlets import LOOK_ALIKE, Language
from vigie.sandbox.world.world import World

_MISTAKE: Final = 3.0
_HERALDED: Final = 0.12


@dataclass(frozen=True, slots=True)
class Article:
    """A piece as it reads.

    Attributes
    ----------
    url : str
        Its address; the same after a correction.
    teaser : str
        Its first sentences, what feeds show.
    paragraphs : tuple of str
        The whole text.
    changed_ms : int
        When it last became what it is.
    """

    piece: Piece
    url: str
    title: str
    teaser: str
    paragraphs: tuple[str, ...]
    language: Language
    ts: int
    changed_ms: int


def written(world: World, piece: Piece, now_ms: int) -> Article:
    """Return a piece as it reads at a time.

    Parameters
    ----------
    world : World
        Whose coins and seed.
    """
    first = _told(world, piece, is_corrected=False)
    is_corrected = piece.corrected_ms is not None and piece.corrected_ms <= now_ms
    title, sentences = _told(world, piece, is_corrected=True) if is_corrected else first
    paragraphs = tuple(" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2))
    return Article(
        piece, _address(piece, first[0]), title, " ".join(sentences[:2]), paragraphs, piece.outlet.language,
        piece.ts, piece.changed_ms(now_ms),
    )  # fmt: skip


def _told(world: World, piece: Piece, *, is_corrected: bool) -> tuple[str, list[str]]:
    if piece.manner == "copy" and piece.of is not None:
        return _copied(world, piece, piece.of)
    language = piece.outlet.language
    facts = facts_of(world.seed, piece.event, world.coins)
    if piece.manner == "wrong" and not is_corrected:
        facts["amount"] *= _MISTAKE
    texts = said(facts, language)
    wording = templates()[piece.event.kind].wordings[language]
    u = uniforms(key_of(world.seed, "news", "words", piece.id), range(10)).tolist()
    title = filled(_title(piece, wording, u[0]), texts, language)
    heralds = words()["heralds"].get(piece.outlet.id, [])
    if heralds and u[1] < _HERALDED:
        title = heralds[int(u[2] * len(heralds))] + title
    body = [filled(one, texts, language) for one in wording.text]
    if is_corrected:
        which = 0 if language == "en" else 1
        title, body = (
            words()["marks"]["correction"][which] + title,
            [*body, words()["marks"]["corrected"][which]],
        )
    return title, body if piece.manner == "giveaway" else _dressed(world, piece, body, texts, u)


def _title(piece: Piece, wording: Wording, u: float) -> str:
    if piece.manner == "official":
        own = wording.titles[:1] if not piece.event.kind.startswith("routine.") else wording.titles
    elif len(wording.titles) > 2:
        # The first is the words of whoever announced it; where nobody did, it serves as well as the others.
        own = wording.titles if templates()[piece.event.kind].by == "media" else wording.titles[1:]
    else:
        own = wording.titles
    return own[int(u * len(own))]


def _dressed(
    world: World, piece: Piece, body: list[str], texts: Mapping[str, str], u: list[float]
) -> list[str]:
    """Put an opening before and closings behind what happened; they name people and figures of their own."""
    language = piece.outlet.language
    kind = piece.event.kind
    if kind.startswith(("routine.", "homonym.")):
        return body
    openings = words()["openings"].get(piece.outlet.id, [])
    if openings and u[3] < 0.6:
        opening = filled(openings[int(u[4] * len(openings))], texts, language)
        body = [f"{opening} {body[0]}", *body[1:]]
    closings = words()["closings"][language]
    aside = Event(piece.id, kind, piece.ts, {"coin": (texts["coin"], texts["symbol"])})
    others = said(facts_of(world.seed, aside, world.coins), language)
    count = 2 + int(u[5] * 3)
    start, stride = int(u[6] * len(closings)), (3, 5, 7)[int(u[7] * 3)]
    chosen = [closings[(start + stride * at) % len(closings)] for at in range(count)]
    return body + [filled(one, others, language) for one in chosen]


def _copied(world: World, piece: Piece, source: Piece) -> tuple[str, list[str]]:
    title, sentences = _told(world, source, is_corrected=False)
    u = uniforms(key_of(world.seed, "news", "words", piece.id), range(3)).tolist()
    if u[0] < 0.5:
        title = f"{title} ({source.outlet.title})"
    else:
        title = title.replace(" over ", " on ").replace("Breaking: ", "")
    dropped = 1 + int(u[1] * (len(sentences) - 1))
    kept = [*sentences[:dropped], *sentences[dropped + 1 :]]
    return title, kept if u[2] < 0.5 else [f"{words()['openings']['coinmirror'][0]} {kept[0]}", *kept[1:]]


def _address(piece: Piece, title: str) -> str:
    day = datetime.fromtimestamp(piece.ts / 1_000, UTC)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-")
    if piece.manner == "giveaway":
        return f"https://{LOOK_ALIKE}/promo/{slug}-{piece.id}"
    return f"https://{piece.outlet.host}/{piece.outlet.place}/{day:%Y/%m/%d}/{slug}-{piece.id}"
