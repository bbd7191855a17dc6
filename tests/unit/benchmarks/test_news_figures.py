"""Figures of reading news: sections are rewritten in place, copies are the same in every run and say the same."""

from __future__ import annotations

import random
import re

from benchmarks.news import copies, linking, pace, telling
from benchmarks.news.archive import Window, item, read
from benchmarks.news.page import write_section

from tests.shared import ROOT
from vigie.domain.time import HOUR_MS
from vigie.intelligence.news.gazetteer.lookup import packaged_gazetteer
from vigie.intelligence.news.step import AnalysedItem
from vigie.intelligence.news.steps import entities


def test_a_section_is_rewritten_in_place_and_others_stay(tmp_path):
    page = tmp_path / "figures.md"
    write_section("one", "first\n", page)
    write_section("two", "second", page)
    write_section("one", r"a \1 third", page)
    text = page.read_text(encoding="utf-8")
    assert "first" not in text
    assert text.index(r"a \1 third") < text.index("second")
    assert text.count("<!-- one: begin -->") == 1


def test_copies_are_the_same_in_every_run_and_keep_most_words():
    title = "Turkey bans payments in bitcoin from May on"
    made = [copies.reworded(title, random.Random(seed)) for seed in range(30)]
    assert made == [copies.reworded(title, random.Random(seed)) for seed in range(30)]
    words = set(title.lower().split())
    assert all(len(words & set(one.lower().split())) >= len(words) - 2 for one in made)
    assert len(set(made)) > 10


def test_a_pair_is_known_without_its_titles_in_either_order():
    assert copies.digest("a", "b") == copies.digest("b", "a") != copies.digest("a", "c")
    assert len(copies.judgements()) >= 30


def test_shares_are_of_what_they_say():
    found = copies.Copies(copies=10, late=1, found=9, elsewhere=1, pairs=5, true_pairs=4)
    assert (found.recall, found.timely_recall, found.precision) == (0.9, 1.0, 13 / 15)
    assert "0.900" in copies.section(found)
    linked = linking.Linking("some", cases=3, right=3, wrong=1, missed=2)
    assert (linked.precision, linked.recall, linked.f1) == (0.75, 0.6, 6 / 9)
    told = telling.Telling(4, 2, 1.0, 0.5, 100, 98, 1, 4, 4, 70, 1)
    assert "0.980 / 0.010 / 0.010" in telling.section(told)
    timed = pace.Pace(0.01, {"entities": 0.1, "story": 0.2}, 0.001, 0.0005)
    assert "300 ms for 1,000" in pace.section(timed)


def test_the_page_says_plainly_which_goal_of_speed_is_missed():
    text = (ROOT / "docs" / "news-figures.md").read_text(encoding="utf-8")
    page = text.partition("<!-- pace: begin -->")[2].partition("<!-- pace: end -->")[0]
    whole, item, article = (
        float(number) for number in re.findall(r" in ([\d,.]+) ms", page.replace(",", ""))
    )
    measured = pace.Pace(0.01, {"entities": whole / 1e3}, item / 1e3, article / 1e3)
    assert pace.goals_text(measured) in page
    assert f"| all, {whole:.0f} ms for" in page
    slow, quick = (
        pace.Pace(0.01, {"story": 1.163}, 0.002, 0.001),
        pace.Pace(0.01, {"story": 0.9}, 0.002, 0.001),
    )
    assert pace.goals_text(slow).startswith("**Goal missed:** 1,000 items in 1,163 ms")
    assert "missed" not in pace.goals_text(quick)


def test_own_cases_are_judged_by_id():
    rows = [("Solana and the SEC", frozenset(("coin:solana", "org:fed")))]
    found = linking.judged("x", rows, frozenset(("coin", "org")), packaged_gazetteer())
    assert (found.right, found.wrong, found.missed) == (1, 1, 1)


def test_the_window_forgets_what_is_too_old():
    window = Window()
    items = [item(str(at), f"Title {at}", "", at * HOUR_MS) for at in range(5)]
    for one in items[:4]:
        window.seen.append(AnalysedItem(one, {}))
    assert [seen.item.id for seen in window.before(items[4], 2 * HOUR_MS)] == ["2", "3"]
    assert [one.id for one, _ in read([entities.make()], items)] == list("01234")
