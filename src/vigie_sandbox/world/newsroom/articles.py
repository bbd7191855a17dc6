"""How a piece reads at a time: title, teaser, paragraphs, address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vigie_sandbox.world.hashed_random import derive_key, uniforms
from vigie_sandbox.world.newsroom.coverage import Piece
from vigie_sandbox.world.newsroom.facts import NewsEvent, draw_facts, fill_template, format_facts
from vigie_sandbox.world.newsroom.grammar import Wording, load_templates, load_words
from vigie_sandbox.world.newsroom.outlets import LOOK_ALIKE, Language
from vigie_sandbox.world.world import World

_MISTAKE_FACTOR: Final = 3.0
_HERALD_CHANCE: Final = 0.12


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


def write_article(world: World, piece: Piece, now_ms: int) -> Article:
    """Return a piece as it reads at a time.

    Parameters
    ----------
    world : World
        Whose coins and seed.
    """
    first = _compose_text(world, piece, is_corrected=False)
    is_corrected = piece.corrected_ms is not None and piece.corrected_ms <= now_ms
    title, sentences = _compose_text(world, piece, is_corrected=True) if is_corrected else first
    paragraphs = tuple(" ".join(sentences[start : start + 2]) for start in range(0, len(sentences), 2))
    return Article(
        piece, _article_url(piece, first[0]), title, " ".join(sentences[:2]), paragraphs, piece.outlet.language,
        piece.ts, piece.changed_ms(now_ms),
    )  # fmt: skip


def _compose_text(world: World, piece: Piece, *, is_corrected: bool) -> tuple[str, list[str]]:
    if piece.kind == "copy" and piece.source is not None:
        return _compose_copy(world, piece, piece.source)
    language = piece.outlet.language
    facts = draw_facts(world.seed, piece.event, world.coins)
    if piece.kind == "wrong" and not is_corrected:
        facts["amount"] *= _MISTAKE_FACTOR
    texts = format_facts(facts, language)
    wording = load_templates()[piece.event.kind].wordings[language]
    u = uniforms(derive_key(world.seed, "news", "words", piece.id), range(10)).tolist()
    title = fill_template(_pick_title(piece, wording, u[0]), texts, language)
    heralds = load_words()["heralds"].get(piece.outlet.id, [])
    if heralds and u[1] < _HERALD_CHANCE:
        title = heralds[int(u[2] * len(heralds))] + title
    body = [fill_template(sentence, texts, language) for sentence in wording.text]
    if is_corrected:
        language_index = 0 if language == "en" else 1
        title, body = (
            load_words()["marks"]["correction"][language_index] + title,
            [*body, load_words()["marks"]["corrected"][language_index]],
        )
    return title, body if piece.kind == "giveaway" else _add_surroundings(world, piece, body, texts, u)


def _pick_title(piece: Piece, wording: Wording, u: float) -> str:
    if piece.kind == "official":
        titles = wording.titles[:1] if not piece.event.kind.startswith("routine.") else wording.titles
    elif len(wording.titles) > 2:
        # The first is the words of whoever announced it; where nobody did, it serves as well as the others.
        titles = (
            wording.titles if load_templates()[piece.event.kind].origin == "media" else wording.titles[1:]
        )
    else:
        titles = wording.titles
    return titles[int(u * len(titles))]


def _add_surroundings(
    world: World, piece: Piece, body: list[str], texts: Mapping[str, str], u: list[float]
) -> list[str]:
    """Put an opening before and closings behind what happened; they name people and figures of their own."""
    language = piece.outlet.language
    kind = piece.event.kind
    if kind.startswith(("routine.", "homonym.")):
        return body
    openings = load_words()["openings"].get(piece.outlet.id, [])
    if openings and u[3] < 0.6:
        opening = fill_template(openings[int(u[4] * len(openings))], texts, language)
        body = [f"{opening} {body[0]}", *body[1:]]
    closings = load_words()["closings"][language]
    side_event = NewsEvent(piece.id, kind, piece.ts, {"coin": (texts["coin"], texts["symbol"])})
    other_texts = format_facts(draw_facts(world.seed, side_event, world.coins), language)
    count = 2 + int(u[5] * 3)
    start, stride = int(u[6] * len(closings)), (3, 5, 7)[int(u[7] * 3)]
    chosen = [closings[(start + stride * index) % len(closings)] for index in range(count)]
    return body + [fill_template(closing, other_texts, language) for closing in chosen]


def _compose_copy(world: World, piece: Piece, source: Piece) -> tuple[str, list[str]]:
    title, sentences = _compose_text(world, source, is_corrected=False)
    u = uniforms(derive_key(world.seed, "news", "words", piece.id), range(3)).tolist()
    if u[0] < 0.5:
        title = f"{title} ({source.outlet.title})"
    else:
        title = title.replace(" over ", " on ").replace("Breaking: ", "")
    dropped = 1 + int(u[1] * (len(sentences) - 1))
    sentences_left = [*sentences[:dropped], *sentences[dropped + 1 :]]
    return title, sentences_left if u[2] < 0.5 else [
        f"{load_words()['openings']['coinmirror'][0]} {sentences_left[0]}",
        *sentences_left[1:],
    ]


def _article_url(piece: Piece, title: str) -> str:
    day = datetime.fromtimestamp(piece.ts / 1_000, UTC)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-")
    if piece.kind == "giveaway":
        return f"https://{LOOK_ALIKE}/promo/{slug}-{piece.id}"
    return f"https://{piece.outlet.host}/{piece.outlet.folder}/{day:%Y/%m/%d}/{slug}-{piece.id}"
