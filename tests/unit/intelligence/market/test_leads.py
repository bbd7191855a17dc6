"""The lead over the press: what counts, what does not, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.leads import (
    LEAST_COUNTED,
    LEAST_REPORTED,
    lead_sentences,
    measure_lead,
    summarise_leads,
)

SEEN = 1_760_000_000_000
FIXED = "\u00a0"


def lead(hours=None, waited=50.0, token="", unclear=None, seen=SEEN, **more):
    """`unclear` is after how many hours its name was shared."""
    reported = None if hours is None else seen + round(hours * HOUR_MS)
    unclear_from = None if unclear is None else seen + round(unclear * HOUR_MS)
    given_ = {"is_from_before": False, "unclear_from": unclear_from, **more}
    return measure_lead(seen, reported, seen + round(waited * HOUR_MS), token=token, **given_)


def listed(*leads):
    return [replace(one, token=str(at)) for at, one in enumerate(leads)]


@pytest.mark.parametrize(
    ("found", "state", "hours"),
    [
        (lead(3.0), "ahead", 3.0),
        (lead(-2.5), "behind", -2.5),
        (lead(0.0), "ahead", 0.0),
        (lead(), "waiting", None),
        (lead(3.0, is_from_before=True), "before", None),
        (lead(unclear=0.0), "unclear", None),
        (lead(3.0, unclear=0.0), "unclear", None),
        (lead(-3.0, unclear=0.0), "unclear", None),
        # It was reported before another one took its name, or not until then.
        (lead(3.0, unclear=4.0), "ahead", 3.0),
        (lead(3.0, unclear=3.0), "waiting", None),
        (lead(unclear=4.0), "waiting", None),
    ],
)
def test_the_lead_of_one(found, state, hours):
    assert (found.state, found.hours) == (state, hours)


def test_negative_leads_waiting_coins_and_those_from_before():
    leads = listed(
        *(lead(float(at)) for at in range(-4, 12)), *(lead(waited=30.0) for _ in range(4)),
        lead(5.0, is_from_before=True), lead(unclear=0.0),
    )  # fmt: skip
    found = summarise_leads(leads)
    assert (found.counted, found.reported, found.waiting, found.press_first) == (20, 16, 4, 4)
    assert (found.before, found.unclear, found.is_enough) == (1, 1, True)
    # Ten of twenty have a report by then.
    assert found.median_hours == 5.0
    assert found.low_hours < 5.0 < found.high_hours


def test_a_coin_and_its_pools_count_once_by_the_earliest():
    # The one that was seen first was shared soon: the other one was waited for longer.
    early, late = lead(token="a", unclear=1.0), lead(1.0, waited=42.0, token="a", seen=SEEN + 8 * HOUR_MS)
    assert early.waited_hours == 1.0
    found = summarise_leads([late, early, lead(2.0, token="b")])
    assert (found.counted, found.reported) == (2, 1)
    assert summarise_leads([early, lead(is_from_before=True, token="a")]).before == 1


def test_too_few_have_no_median():
    enough = [lead(1.0)] * LEAST_REPORTED + [lead()] * (LEAST_COUNTED - LEAST_REPORTED)
    assert summarise_leads(listed(*enough)).is_enough
    for few in (enough[1:], [*enough[1:], lead()]):
        found = summarise_leads(listed(*few))
        assert not found.is_enough
        assert found.median_hours is found.low_hours is found.high_hours is None
        assert "Too few" in lead_sentences(found, "en")[0]
    assert summarise_leads([]).counted == 0


def test_a_median_that_is_not_reached_says_so_with_its_lower_end():
    found = summarise_leads(listed(*[lead(2.0)] * 15, *[lead()] * 20))
    assert (found.median_hours, found.high_hours, found.low_hours) == (None, None, 2.0)
    assert lead_sentences(found, "en")[:2] == [
        (
            "Median lead over the press: not known yet, because more than half of these coins have no press "
            "report."
        ),
        f"With 95% confidence it is at least 2.0{FIXED}h.",
    ]


def test_what_is_said_in_both_languages():
    leads = listed(*(lead(float(at)) for at in range(-20, 21)), *[lead()] * 4, lead(is_from_before=True))
    found = summarise_leads(leads)
    english, french = lead_sentences(found, "en"), lead_sentences(found, "fr")
    assert english[0].startswith(f"Median lead over the press: 2.0{FIXED}h (95% confidence interval: ")
    assert "\u2212" in english[0]
    assert english[1] == (
        "Counted: 45. With a press report: 41; the press was first for 20 of them. Without a report so far: 4."
    )
    assert english[2].startswith("Not counted: 1 that existed")
    assert french[0].startswith(
        f"Avance médiane sur la presse : 2,0{FIXED}h (intervalle de confiance à 95 % : de "
    )
    assert len(english) == len(french) == 3
    assert len(lead_sentences(summarise_leads(leads[:-1]), "en")) == 2


def test_whether_a_shared_name_counts_never_hangs_on_its_report():
    reported, waiting = [lead(10.0, unclear=0.0)] * 20, [lead(unclear=0.0)] * 60
    found = summarise_leads(listed(*reported, *waiting))
    assert (found.counted, found.unclear) == (0, 80)
    reported, waiting = [lead(10.0, unclear=20.0)] * 20, [lead(unclear=20.0)] * 60
    found = summarise_leads(listed(*reported, *waiting))
    assert (found.counted, found.reported, found.median_hours) == (80, 20, None)


hours = st.one_of(st.none(), st.floats(-100, 49))


@given(st.lists(st.tuples(hours, st.sampled_from("abcdef"), st.booleans(), st.booleans()), max_size=60))
def test_every_coin_is_counted_once_in_any_order(rows):
    leads = [
        lead(at, token=token, is_from_before=old, unclear=0.0 if odd else None)
        for at, token, old, odd in rows
    ]
    found = summarise_leads(leads)
    assert found.counted + found.before + found.unclear == len({one.token for one in leads})
    assert found.reported + found.waiting == found.counted
    assert found.press_first <= found.reported
    assert (found.median_hours is None) >= (not found.is_enough)
    for language in ("en", "fr"):
        assert all("{" not in text for text in lead_sentences(found, language))


@given(st.lists(st.one_of(st.none(), st.integers(-50, 49)), min_size=20, max_size=60), st.integers(1, 100))
def test_one_more_hour_of_waiting_never_shortens_the_lead(rows, more):
    now, later = (
        summarise_leads(listed(*(lead(at, waited=wait) for at in rows))) for wait in (50, 50 + more)
    )
    assert (now.low_hours or 0) <= (
        later.low_hours if later.low_hours is not None else 1e9
    ) or not now.is_enough
    if now.median_hours is not None:
        assert later.median_hours is None or later.median_hours >= now.median_hours
