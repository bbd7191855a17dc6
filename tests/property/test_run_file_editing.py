"""Any change of any run file reads back as what was asked for; comments of what is not changed stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.domain.errors import UsageError
from vigie.run_file import RunFile, SlotTable, parse_run_file
from vigie.services.trading.run_files.editing import (
    ACCOUNT_KEYS,
    RunFileEdit,
    SlotEdit,
    apply_edit,
    edit_run_file,
)
from vigie.services.trading.run_files.rendering import render_run_file

PATH = Path("my.toml")
COMMENTED = """# My account: # "mine"
[account]
mode = "portfolio"   # one for all
capital = 10_000 # begin
# half of the usual
risk_fraction = 0.01

[venue]
id = "binance-perp"

# The trend.
[[slots]]
instruments = ["BTC", # the big one
  "ETH"]
strategy = "ema_cross"
params = { fast = 10, slow = 30 } # quick

# The rest.
[[slots]]
instruments = ["SOL"]
enabled = false
strategy = "macd_cross"
[slots.params]
fast = 9

[protections]
max_positions = 3 # few
"""
OTHERS = (
    COMMENTED,
    COMMENTED.replace("\n", "\r\n"),
    'protections = true\naccount = { mode = "portfolio", capital = 5 }\n[[slots]]\ninstruments=["BTC"]\nstrategy="x"',
    'account.mode = "portfolio"\naccount.leverage = 2.0\nslots = [{ instruments = ["BTC"], strategy = "y" }]\n',
    '[protections]\n"max_positions" = 2\n[[slots]] # one\n  strategy = "a#b"\n  instruments = ["B#TC"]\n',
    '[data]\nfrom = 2024-01-01\nlast = 20\n[venue]\nid = """\nx [y]\n"""\n',
    "",
)
numbers = st.one_of(
    st.integers(0, 10**6), st.floats(1e-9, 1e9, allow_nan=False), st.sampled_from([0.005, 0.1, 2.0])
)
words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=6)
slots = st.builds(
    SlotEdit,
    origin=st.none() | st.integers(0, 1),
    instruments=st.lists(words, min_size=1, max_size=3).map(tuple),
    strategy=words,
    timeframe=st.sampled_from(["native", "1h", "4h"]),
    enabled=st.booleans(),
    params=st.dictionaries(words, numbers, max_size=3),
)
edits = st.builds(
    RunFileEdit,
    account=st.dictionaries(st.sampled_from(ACCOUNT_KEYS[:-1]), st.none() | numbers, max_size=3),
    protections=st.dictionaries(
        st.sampled_from(["max_positions", "cooldown_bars", "loss_streak_trades"]),
        st.none() | st.integers(1, 5),
        max_size=3,
    ),
    slots=st.none() | st.lists(slots, max_size=4, unique_by=lambda slot: slot.origin or id(slot)),
)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.sampled_from(OTHERS), edits)
def test_a_changed_file_says_what_was_asked_for(text, edit):
    file = parse_run_file(text, PATH)
    known = [slot for slot in edit.slots or () if slot.origin is None or slot.origin < len(file.slots)]
    edit = RunFileEdit(edit.account, edit.protections, None if edit.slots is None else known)
    changed = edit_run_file(text, edit, PATH)
    assert parse_run_file(changed, PATH) == apply_edit(file, edit)
    assert edit_run_file(changed, RunFileEdit(), PATH) == changed
    assert parse_run_file(render_run_file(apply_edit(file, edit)), PATH) == apply_edit(file, edit)


def as_they_are(file: RunFile) -> list[SlotEdit]:
    return [
        SlotEdit(k, tuple(one.instruments), one.strategy, one.timeframe, one.enabled, one.params)
        for k, one in enumerate(file.slots)
    ]


def changed_lines(before: str, after: str) -> tuple[set[str], set[str]]:
    old, new = before.splitlines(), after.splitlines()
    return {one for one in old if one not in new}, {one for one in new if one not in old}


def test_a_changed_number_changes_its_line_alone():
    edit = RunFileEdit({"capital": 9_000.0, "risk_fraction": 0.01, "leverage": 2.5}, {"max_positions": 2})
    assert changed_lines(COMMENTED, edit_run_file(COMMENTED, edit, PATH)) == (
        {"capital = 10_000 # begin", "max_positions = 3 # few"},
        {"capital = 9000 # begin", "leverage = 2.5", "max_positions = 2 # few"},
    )


def test_a_slot_that_goes_takes_its_comment_with_it_and_leaves_the_others():
    file = parse_run_file(COMMENTED, PATH)
    after = edit_run_file(COMMENTED, RunFileEdit(slots=as_they_are(file)[1:]), PATH)
    assert "# The trend." not in after
    assert "# The rest." in after
    assert '# My account: # "mine"\n[account]' in after
    assert "[slots.params]\nfast = 9\n" in after


def test_a_new_slot_comes_last_of_the_slots_and_a_changed_one_keeps_its_comments():
    file = parse_run_file(COMMENTED, PATH)
    given_slots = as_they_are(file)
    first = SlotEdit(0, ("BTC", "ETH"), "ema_cross", "native", False, {"fast": 12, "slow": 30})
    new = SlotEdit(None, ("XRP",), "adx_trend", "4h")
    after = edit_run_file(COMMENTED, RunFileEdit(slots=[first, given_slots[1], new]), PATH)
    assert changed_lines(COMMENTED, after) == (
        {"params = { fast = 10, slow = 30 } # quick"},
        {
            "params = { fast = 12, slow = 30 } # quick", 'instruments = ["XRP"]', 'strategy = "adx_trend"',
            'timeframe = "4h"',
        },
    )  # fmt: skip
    assert after.index("adx_trend") < after.index("[protections]")


def test_what_is_not_changed_leaves_the_text_alone():
    file = parse_run_file(COMMENTED, PATH)
    edit = RunFileEdit({"capital": 10_000}, {"max_positions": 3}, as_they_are(file))
    assert edit_run_file(COMMENTED, edit, PATH) == COMMENTED


@pytest.mark.parametrize(
    "edit", [RunFileEdit({"mode": 1}), RunFileEdit(slots=[SlotEdit(2, ("BTC",), "ema_cross")])]
)
def test_what_the_file_does_not_have_is_refused(edit):
    with pytest.raises(UsageError):
        edit_run_file(COMMENTED, edit, PATH)


def test_a_file_is_whole_without_comments_where_lines_cannot_say_it():
    text = 'slots = [{ instruments = ["BTC"], strategy = "y" }] # all\n'
    after = edit_run_file(text, RunFileEdit(slots=[SlotEdit(0, ("ETH",), "y")]), PATH)
    assert parse_run_file(after, PATH).slots == [SlotTable(["ETH"], "y")]
