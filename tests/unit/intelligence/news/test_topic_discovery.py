"""Topics that nobody named: what headlines share, what is new, and the same whenever and in whatever order."""

from __future__ import annotations

import sys
from itertools import product

import pytest

from vigie.domain.errors import UsageError
from vigie.intelligence.news.topic_discovery import LEAST, Headline, discover_topics

PEG = ("Luna peg", "breaks again", "not restored", "holders sue", "fails overnight", "crisis deepens")
FUND = ("Spot fund", "inflows rise", "inflows slow", "fees cut", "assets grow", "inflows steady")


def said(first: str, ends: tuple[str, ...], start: int) -> list[Headline]:
    starts = ("Today", "Meanwhile", "Update")
    return [
        Headline(f"{first}{n + start}", f"{head} {first} {end}", start + n)
        for n, (head, end) in enumerate(product(starts, ends))
    ]


NOW = [*said(PEG[0], PEG[1:], 1_000), *said(FUND[0], FUND[1:], 1_000)]
EARLIER = [*said(FUND[0], FUND[1:], 0), *said("Miner revenue", ("steady", "flat", "down"), 0)]


def test_what_was_not_there_before_is_a_new_topic_with_its_words_and_newest_headlines():
    found = discover_topics(NOW, EARLIER, most=2)
    by_name = {next(name for name in ("Luna peg", "Spot fund") if name in one.words): one for one in found}
    peg, fund = by_name["Luna peg"], by_name["Spot fund"]
    assert found[0] is peg
    assert (peg.count, peg.before, peg.is_new) == (15, 0, True)
    assert (fund.count, fund.before, fund.is_new) == (15, 15, False)
    assert [one.ts for one in peg.newest] == [1_014, 1_013, 1_012]
    assert found == discover_topics(list(reversed(NOW)), list(reversed(EARLIER)), most=2)


def test_too_few_headlines_or_no_shared_word_make_none_and_without_a_past_nothing_is_new():
    assert discover_topics(NOW[: LEAST - 1], EARLIER) == []
    apart = [Headline(str(n), f"word{n}a other{n}b", n) for n in range(LEAST)]
    assert discover_topics(apart, EARLIER) == []
    assert {(one.stands_out, one.is_new) for one in discover_topics(NOW, [])} == {(None, False)}


def test_where_the_extra_is_missing_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.decomposition", None)
    with pytest.raises(UsageError, match=r"vigie\[ml\]"):
        discover_topics(NOW, EARLIER)
