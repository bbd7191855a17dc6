"""Ids of intents: the same decision is the same order, and no two decisions share one."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.trading.intents import intent_id

PARTS = st.tuples(
    st.text(min_size=1, max_size=12),
    st.text(min_size=1, max_size=12),
    st.text(min_size=1, max_size=30),
    st.integers(0, 2**53),
    st.sampled_from(["signal", "time", "protection"]),
    st.sampled_from(["entry", "exit", "stop", "target", "flatten"]),
    st.integers(1, 9),
)


@settings(derandomize=True, deadline=None)
@given(PARTS, PARTS)
def test_ids_are_equal_only_for_the_same_decision(one, other):
    assert (intent_id(*one) == intent_id(*other)) == (one == other)


def test_an_id_fits_every_venue_and_never_changes():
    made = intent_id("r1", "main", "btc-usdt-perp/1d/macd_cross", 1_735_689_600_000, "signal", "entry")
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert made == "29cd2e3cb14cbe441901491dc480b445"
