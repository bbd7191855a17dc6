"""What happened to a trading account beside its trades: every record, what is grave and not over, and taking note."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from vigie.domain.person import Caller
from vigie.services.desk.trading import AccountAsk
from vigie.services.house import House
from vigie.services.operation import Answer, Origin, Table, operation
from vigie.services.people.ownership import owner_of
from vigie.services.trading.columns import column
from vigie.services.trading.happenings import Happening, concerns, happenings, take_note
from vigie.services.trading.standing import run_of
from vigie.services.trading.story import story_of
from vigie.services.trading.trading import open_slots

SOURCE: Final = "audit"
EVENTS: Final = [
    column("ts", "Time", "ms"),
    column("weight", "Weight", "", "grave: look at once; warning: know of it; notice: nothing to do."),
    column("title", "What happened"),
    column("subject", "About", "", "The account, a slot or an instrument."),
    column("why", "Why"),
    column("todo", "What to do"),
    column("account", "Account", "", "Empty in old records that named none."),
    column("kind", "Kind"),
    column("seq", "Record", "", "Number in the audit chain."),
    column("details", "Details", "", "What was written beside it, as JSON; empty where it was forgotten."),
]


class EventsAsk(AccountAsk):
    """Which records, newest first."""

    cursor: str = Field(
        "", max_length=16, pattern=r"^([1-9]\d*)?$", description="`next_cursor` of the page before."
    )
    limit: int = Field(100, ge=1, le=500)


class SeenAsk(AccountAsk):
    """Up to which record everything was seen."""

    until: int = Field(0, ge=0, le=2**53, description="Number of the record; 0 is the newest.")


class Seen(Answer):
    """Up to which record everything was seen."""

    account: str
    until: int


@operation("trading.events", example={"account": "main"})
def list_events(house: House, caller: Caller, ask: EventsAsk) -> Table:
    """List what happened to an account beside its trades, the newest first: why, how grave, what to do."""
    run = run_of(house, ask.account, owner_of(house, caller))
    found = happenings(house, run, before=int(ask.cursor or 0), limit=ask.limit + 1)
    shown = found[: ask.limit]
    return _table(shown, str(shown[-1].seq) if len(found) > ask.limit else None)


@operation("trading.concerns", example={"account": "main"})
def list_concerns(house: House, caller: Caller, ask: AccountAsk) -> Table:
    """List what is grave about an account and not over, the newest first."""
    run = run_of(house, ask.account, owner_of(house, caller))
    with story_of(house, run) as story:
        there = story.account
        held = [] if there is None else [str(there.slots[number].id) for number in open_slots(story)]
    return _table(concerns(house, run, held), None)


@operation("trading.seen", scope="trade", example={"account": "main"})
def see(house: House, caller: Caller, ask: SeenAsk) -> Seen:
    """Take note of what happened to an account: what is grave is not told again until it happens again."""
    run = run_of(house, ask.account, owner_of(house, caller))
    return Seen(account=run.account, until=take_note(house, run, by=caller.user, until=ask.until))


def _table(shown: Sequence[Happening], cursor: str | None) -> Table:
    rows = [
        {
            "ts": one.ts, "weight": one.word.weight, "title": one.word.title, "subject": one.subject, "why": one.why,
            "todo": one.word.todo, "account": one.account, "kind": one.kind, "seq": one.seq,
            "details": json.dumps(one.text, ensure_ascii=False) if one.text else "",
        }
        for one in shown
    ]  # fmt: skip
    return Table(columns=EVENTS, rows=rows, origins=[Origin(source=SOURCE)], next_cursor=cursor)
