"""Whether a change of a setup is told to the owner of its account, by the budget of all their rules together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vigie.data.stores import DataStores
from vigie.domain.ids import parse_slot
from vigie.domain.setup import SetupState
from vigie.domain.time import DAY_MS
from vigie.intelligence.alerts.pacing import wall_day
from vigie.intelligence.setups.budget import HISTORY_DAYS, USUAL_BUDGET, BudgetCandidate, decide_budget
from vigie.intelligence.setups.expectation import EndedTrade, expected_r
from vigie.ports.accounts import UserStore
from vigie.ports.facts import FactStore
from vigie.ports.setup_notices import SetupNotice, SetupNoticeStore
from vigie.ports.setups import SetupStore, StoredChange
from vigie.ports.tradebook import TradeBook
from vigie.services.caches.ended_setups import EndedSetupCache
from vigie.services.people.ownership import accounts_of
from vigie.services.setups.contributing import Contributions, contributions_of
from vigie.services.setups.ended import each_once, ends_since, regime_of, trades_of
from vigie.services.setups.weights import weights_of

# States of which a person may be told by the budget; the end of what was told is another matter.
CANDIDATES: Final[tuple[SetupState, ...]] = ("forming", "confirmed")
BUDGET_SETTING: Final = "setups_a_day"


@dataclass(frozen=True, slots=True)
class NoticeSources:
    """What is read to decide whether a change is told."""

    setups: SetupStore
    notices: SetupNoticeStore
    trades: TradeBook
    accounts: UserStore
    facts: FactStore
    data: DataStores
    ended: EndedSetupCache


def budget_of(accounts: UserStore, owner: str) -> int:
    """Return how many changes of setups a person is told a day at most."""
    return budget_in(accounts.settings(owner)[1])


def budget_in(kept: Mapping[str, object]) -> int:
    """Return how many changes a person is told a day at most by their settings."""
    given = str(kept.get(BUDGET_SETTING) or "")
    return int(given) if given.isdecimal() else USUAL_BUDGET


@dataclass(frozen=True, slots=True)
class NoticePerson:
    """What decides how much of their setups a person is told: read once for many changes.

    Attributes
    ----------
    accounts : sequence of str
        Names of theirs.
    budget : int
        Most changes told a day.
    zone : str
        Its midnight begins a day.
    past : sequence of EndedTrade
        What their setups made, by `trades_before`.
    """

    accounts: Sequence[str]
    budget: int
    zone: str
    past: Sequence[EndedTrade]


def decide_notice(
    sources: NoticeSources,
    person: NoticePerson,
    change: StoredChange,
    *,
    dues: Sequence[int],
    total: float,
    now: int,
    is_sent: bool = False,
) -> SetupNotice:
    """Decide whether a change is told, and keep that; what was decided before stays so.

    What was to be told on another day than it would be sent on now, and was not sent, as when a computer was switched
    off in between, is decided again: it would be one too many of that day.

    Parameters
    ----------
    sources : NoticeSources
        What is read, and where it is kept.
    person : NoticePerson
        The owner of the account; ends that were known after the change do not count.
    change : StoredChange
        A candidate that at least one of their rules is about.
    dues : sequence of int
        When each of these rules would send it, epoch milliseconds on the wall; none where all are silent now.
    total : float
        What counts for and against, by their weights.
    now : int
        Epoch milliseconds on the wall.
    is_sent : bool
        Whether a rule has sent it, or is about to.

    Returns
    -------
    SetupNotice
        As it is kept.
    """
    days = sorted({wall_day(due, person.zone) for due in dues})
    if not is_sent:
        first, last = (days[0], days[-1]) if days else (wall_day(now, person.zone),) * 2
        sources.notices.take_back(change.account, change.setup, change.state, last[0], first[1])
    accounts, budget = person.accounts, person.budget
    slot = parse_slot(change.slot)
    expected = expected_r(
        person.past,
        strategy=slot.strategy,
        instrument=slot.instrument,
        regime=regime_of(change),
        ts=change.ts_known,
    )
    decision = decide_budget(
        BudgetCandidate(expected.value, total, change.ts_known),
        _past_of(sources.notices, accounts, change),
        told=max((sources.notices.told(accounts, *day) for day in days), default=0),
        budget=budget,
    )
    held = decision.held if dues else "rule"
    notice = SetupNotice(
        change.account, change.setup, change.state, change.slot, change.side, change.number, change.ts_known, now,
        expected.value, total, decision.threshold, decision.rank, decision.of, held,
        ts_first=0 if held else min(dues), ts_last=0 if held else max(dues),
    )  # fmt: skip
    return sources.notices.keep(notice, accounts, days, budget)


def _past_of(
    notices: SetupNoticeStore, accounts: Sequence[str], change: StoredChange
) -> list[BudgetCandidate]:
    """Return what the budget counts: candidates of the days before a change, and the first of all."""
    recent = notices.notices(accounts, since=change.ts_known - HISTORY_DAYS * DAY_MS)
    oldest = notices.oldest(accounts)
    return [
        BudgetCandidate(notice.expected_r, notice.total, notice.ts_known)
        for notice in {
            (told.account, told.setup, told.state): told for told in (oldest, *recent) if told
        }.values()
        if notice.change != change.number
    ]


def trades_before(sources: NoticeSources, owner: str) -> Sequence[EndedTrade]:
    """Return what the setups of a person's accounts made; only what was written since the last time is read."""
    accounts = accounts_of(sources.trades, owner)
    known = sources.ended.get(owner, accounts, lambda known: ends_since(sources.setups, accounts, known))
    return trades_of(each_once(known.ended))


def contributions_at(sources: NoticeSources, owner: str, change: StoredChange) -> Contributions:
    """Return what counts for and against a setup at a change, with the weights of a person."""
    return contributions_of(sources.facts, sources.data.bars, change, weights_of(sources.accounts, owner))
