"""No headline says of a price what the bars of the same hour do not show."""

from __future__ import annotations

import re

import pytest

from tests.unit.sandbox.world.hands import HOUR_MS, Hand, go, small_world
from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.articles import write_article
from vigie_sandbox.world.newsroom.grammar import load_templates, load_words
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN

_SHARE = re.compile(r"(\d+[.,]\d)\s?%")
_UP = re.compile(r"\b(up|jumps|rises|gagne|bondit|monte)\b")
_DOWN = re.compile(r"\b(down|drops|falls|perd|chute|recule)\b")


def hour_before(world, ts):
    """Return the bars of the last whole hour before a time, of every coin."""
    return world.tape.hours()[:, :, ts // HOUR_MS - 1 - world.tape.first_ms // HOUR_MS]


@pytest.mark.parametrize("seed", range(1, 13))
def test_a_headline_about_a_move_agrees_with_the_bar_it_is_about(seed):
    world = small_world(Hand(), seed=seed)
    for name in ("squeeze", "flash-crash", "surge", "breakout", "breakout-crash"):
        world.start_scene(name)
        go(world, 5 * HOUR_MS)
    told = set()
    for piece in Archive(world).all_pieces_until(world.now_ms()):
        kind = piece.event.kind
        if not kind.startswith("market.") or "move" not in piece.event.fixed_facts:
            continue
        title = write_article(world, piece, world.now_ms()).title
        coin = next(one for one in world.coins if one.name == piece.event.fixed_facts["coin"][0])
        bar = hour_before(world, piece.event.ts)[coin.number]
        up, down = bar[HIGH] / bar[OPEN] - 1.0, 1.0 - bar[LOW] / bar[OPEN]
        assert (_UP.search(title) is not None) == (kind == "market.up"), title
        assert (_DOWN.search(title) is not None) == (kind == "market.down"), title
        move = {"market.up": up, "market.down": down, "market.swing": bar[HIGH] / bar[LOW] - 1.0}[kind]
        if kind != "market.swing":
            assert (bar[CLOSE] > bar[OPEN]) == (kind == "market.up"), title
        for share in _SHARE.findall(title):
            assert abs(float(share.replace(",", ".")) - 100.0 * move) < 0.051, title
        # Told while it is news: within the hour after, or copied soon after that.
        assert piece.ts - piece.event.ts <= 2 * HOUR_MS
        told.add(kind)
    assert told


def test_only_reports_of_moves_say_where_a_price_went():
    """What is drawn without the bars gives no direction or range of a coin's price."""
    about_price = re.compile(
        r"\{coin\} (?:up|down|jumps|drops|rises|falls|trades|traded|gagne|bondit|monte|perd|chute|recule) "
        r"|narrow range|peg\b|fourchette|parité"
    )
    texts = [
        (template.id, text)
        for template in load_templates().values()
        if template.origin != "market"
        for wording in template.wordings.values()
        for text in (*wording.titles, *wording.text)
    ]
    texts += [("closing", text) for closings in load_words()["closings"].values() for text in closings]
    assert [entry for entry in texts if about_price.search(entry[1])] == []
