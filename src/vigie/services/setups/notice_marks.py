"""What stands beside a setup in a list: what may be expected of it, and what became of its alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vigie.domain.ids import parse_slot
from vigie.domain.setup import ENDED
from vigie.intelligence.setups.expectation import EndedTrade, ExpectedR, expected_r
from vigie.ports.setup_notices import SetupNotice
from vigie.ports.setups import StoredChange
from vigie.services.setups.ended import regime_of
from vigie.services.setups.noticing import NoticeSources, trades_before
from vigie.services.setups.setup_rows import SetupMark


def marks_of(sources: NoticeSources, owner: str, changes: Sequence[StoredChange]) -> list[SetupMark]:
    """Return what stands beside some setups of one person, in their order.

    Parameters
    ----------
    sources : NoticeSources
        What is read: ends that are known already are not read again.
    owner : str
        Of their accounts.
    changes : sequence of StoredChange
        The newest of each setup.
    """
    live = [change for change in changes if not change.is_replayed]
    is_open = any(change.state not in ENDED for change in live)
    past = trades_before(sources, owner) if is_open else ()
    found = sources.notices.of([one.setup for one in live], sorted({one.account for one in live}))
    notices = _by_setup(found)
    return [
        SetupMark()
        if change.is_replayed
        else SetupMark(_expected(past, change), notices.get((change.account, change.setup)))
        for change in changes
    ]


def _by_setup(found: Sequence[SetupNotice]) -> Mapping[tuple[str, str], SetupNotice]:
    """Return the notice of each setup that counts: what was told stays told."""
    kept: dict[tuple[str, str], SetupNotice] = {}
    for notice in sorted(found, key=lambda one: (not one.held, one.change)):
        kept[notice.account, notice.setup] = notice
    return kept


def _expected(past: Sequence[EndedTrade], change: StoredChange) -> ExpectedR | None:
    if change.state in ENDED:
        return None
    slot = parse_slot(change.slot)
    return expected_r(
        past,
        strategy=slot.strategy,
        instrument=slot.instrument,
        regime=regime_of(change),
        ts=change.ts_known,
    )
