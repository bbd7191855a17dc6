"""The budget counts with the candidates of its days: as with all of years, and reads no more than them."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from vigie.domain.time import DAY_MS
from vigie.intelligence.setups.budget import HISTORY_DAYS, BudgetCandidate, decide_budget
from vigie.ports.setup_notices import SetupNotice
from vigie.services.setups.noticing import _past_of

NOW = 1_750_000_000_000
VALUES = st.sampled_from([-0.5, 0.0, 0.25, 1.0])


class Kept:
    """A store of candidates that tells how many were read."""

    def __init__(self, kept):
        self.kept, self.n_read = sorted(kept, key=lambda one: (one.ts_known, one.change)), 0

    def notices(self, accounts, *, since=0):
        found = [one for one in reversed(self.kept) if one.ts_known > since]
        self.n_read += len(found)
        return found

    def oldest(self, accounts):
        return self.kept[0] if self.kept else None


def notice(number, days, expected_r, total):
    return SetupNotice(
        "main", f"{number:016x}", "confirmed", "btc-usdt-perp/1h/x", "long", number, NOW - days * DAY_MS // 4,
        NOW, expected_r, total, None, 1, 1, "full",
    )  # fmt: skip


@given(
    kept=st.lists(st.tuples(st.integers(-2, 4 * 40), VALUES, VALUES), max_size=40),
    expected=VALUES, total=VALUES, told=st.integers(0, 3), budget=st.integers(0, 3), own=st.integers(0, 40),
)  # fmt: skip
def test_it_decides_as_with_all_that_ever_came(kept, expected, total, told, budget, own):
    # Decided again, the change itself is kept already, with its own close.
    notices = [
        notice(number, 0 if number == own else days, *rest) for number, (days, *rest) in enumerate(kept)
    ]
    candidate = BudgetCandidate(expected, total, NOW)
    change = SimpleNamespace(ts_known=NOW, number=own)
    everything = [
        BudgetCandidate(one.expected_r, one.total, one.ts_known) for one in notices if one.change != own
    ]
    past = _past_of(Kept(notices), ["main"], change)
    assert decide_budget(candidate, past, told=told, budget=budget) == decide_budget(
        candidate, everything, told=told, budget=budget
    )


def test_it_reads_the_candidates_of_its_days_only():
    years = Kept([notice(number, number, 0.0, 0.0) for number in range(4 * 800)])
    past = _past_of(years, ["main"], SimpleNamespace(ts_known=NOW, number=-1))
    assert years.n_read == 4 * HISTORY_DAYS
    assert len(past) == years.n_read + 1
