"""What happened to an account beside its trades, from the audit chain: weight, plain words, what to do.

Takes audit records of kind ``trade.<what>``; gives happenings. An account's are those that name it since its owner's
first run of it, and those of its owner that were written before records named accounts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from vigie.domain.order import TradeRun
from vigie.domain.person import OWNER
from vigie.domain.time import iso
from vigie.ports.audit import AuditEvent
from vigie.services.house import House
from vigie.services.trading.happening_words import INTENT, KINDS, Kind, why_of

_PAGE: Final = 500
_RUN: Final = "trade.run"
_BLIND: Final = "trade.blind"
# What ends it.
_SIGHTED: Final = "trade.sighted"


@dataclass(frozen=True, slots=True)
class Happening:
    """One record.

    Attributes
    ----------
    account : str
        Empty in old records about one of several instruments, which name none.
    text : mapping
        What was written beside it; empty where it was forgotten.
    """

    seq: int
    ts: int
    kind: str
    account: str
    subject: str
    text: Mapping[str, Any]

    @property
    def word(self) -> Kind:
        """What this kind is called, how grave it is and what is to be done."""
        return KINDS[self.kind]

    @property
    def why(self) -> str:
        """What is known of it, in English."""
        sentence, values = why_of(self.kind, self.text)
        return sentence % values

    def __str__(self) -> str:
        """Return it as one line."""
        about = "" if self.subject in ("", self.account) else f" {self.subject}:"
        return f"{iso(self.ts)}{about} {': '.join(part for part in (self.word.title, self.why) if part)}"


@dataclass(frozen=True, slots=True)
class Reach:
    """Which records are about an account of its present owner.

    Attributes
    ----------
    first : int or None
        Record of the owner's first run of it: what names the account later is about this one, whoever wrote it, and
        what names it before may be about an account of somebody who is gone.
    is_inherited : bool
        Whether it was begun before there were users, when everything was the local owner's.
    """

    run: TradeRun
    first: int | None
    is_inherited: bool

    def holds(self, event: AuditEvent) -> bool:
        """Tell whether a record is about the account."""
        named = named_account(event)
        if named:
            is_theirs = event.actor == self.run.owner or (self.first is not None and event.seq >= self.first)
            return named == self.run.account and is_theirs
        return event.actor == self.run.owner or (self.is_inherited and event.actor == OWNER.user)


def reach_of(house: House, run: TradeRun) -> Reach:
    """Return which records are about a run's account."""
    own = {one.id for one in house.trades.runs_of(run.owner) if one.account == run.account}
    for one in _after(house, 0, (_RUN,)):
        if one.subject == run.account and one.text is not None and one.text.get("run") in own:
            return Reach(run, one.seq, one.actor == OWNER.user)
    return Reach(run, None, is_inherited=False)


def named_account(event: AuditEvent) -> str:
    """Return the account that a record names, nothing where it names none."""
    told = (event.text or {}).get("account", "")
    kind = KINDS.get(event.kind)
    return str(told) or (event.subject if kind is not None and kind.is_of_account else "")


def happenings(house: House, run: TradeRun, *, before: int = 0, limit: int = _PAGE) -> list[Happening]:
    """Return the newest happenings of an account before a record; 0 begins with the newest of all."""
    reach, seq = reach_of(house, run), before or house.audit.newest() + 1
    found: list[Happening] = []
    while len(found) < limit and (page := house.audit.before(seq, limit=_PAGE, kinds=tuple(KINDS))):
        found += [_happening(one) for one in page if reach.holds(one)]
        seq = page[-1].seq
    return found[:limit]


def concerns(house: House, run: TradeRun, held: Sequence[str]) -> list[Happening]:
    """Return what is grave and not over, the newest first, each thing once.

    It is over when a person let the account enter again or took note of it; when the position that it was about is
    gone; when positions can be read again; and, of what a trading process sees with its own eyes, when another one has
    begun since: that tells it again where it is still so.

    Parameters
    ----------
    held : sequence of str
        Slots that hold a position.
    """
    is_halted = house.trades.state(run.account) == "halted"
    found: dict[tuple[str, str], Happening] = {}
    has_begun = is_sighted = False
    seen = 0
    for one in happenings(house, run):
        if one.kind == "trade.seen":
            seen = max(seen, int(one.text.get("until", 0)))
        if one.kind == "trade.state" and one.text.get("state") == "active":
            break
        is_sighted = is_sighted or one.kind == _SIGHTED
        if one.kind == _BLIND and is_sighted:
            continue
        has_begun = has_begun or (one.kind == "trade.lease" and not one.text.get("by_force"))
        if one.seq <= seen or one.word.weight != "grave" or (one.word.is_seen and has_begun):
            continue
        if (one.kind == "trade.halted" and not is_halted) or not _concerns(one, held):
            continue
        found.setdefault((one.kind, one.subject), one)
    return list(found.values())


def _concerns(one: Happening, held: Sequence[str]) -> bool:
    """Tell whether the position that a happening is about is still there; others have none."""
    if not one.word.is_of_position:
        return True
    return any(slot == one.subject or slot.startswith(f"{one.subject}/") for slot in held)


def take_note(house: House, run: TradeRun, *, by: str, until: int) -> int:
    """Write down that somebody saw what happened up to a record, and return its number."""
    newest = house.audit.newest()
    until = min(until or newest, newest)
    house.audit.append("trade.seen", actor=by, subject=run.account, text={"until": until})
    return until


class News:
    """What happens while a process trades, that it does not say anyway."""

    def __init__(self, house: House, run: TradeRun) -> None:
        self._house = house
        self._reach = Reach(run, house.audit.newest(), is_inherited=False)
        self._seq = house.audit.newest()

    def lines(self) -> list[str]:
        """Return one line for each happening since it was asked last."""
        # Decisions are told beside them by the market's clock, which runs otherwise in the simulated world.
        clock = " (this machine's clock)" if self._house.is_simulated else ""
        said = []
        for one in _after(self._house, self._seq, ()):
            self._seq = one.seq
            kind = KINDS.get(one.kind)
            if kind is not None and not kind.is_said and self._reach.holds(one):
                said.append(f"{_happening(one)}{clock}")
        return said


def records(house: House, run: TradeRun) -> Iterator[AuditEvent]:
    """Yield every record of the chain about an account's trading, its intents too, oldest first."""
    reach = reach_of(house, run)
    for one in _after(house, 0, (INTENT, *KINDS)):
        if reach.holds(one):
            yield one


def _happening(event: AuditEvent) -> Happening:
    return Happening(event.seq, event.ts, event.kind, named_account(event), event.subject, event.text or {})


def _after(house: House, seq: int, kinds: Sequence[str]) -> Iterator[AuditEvent]:
    while page := house.audit.after(seq, limit=_PAGE, kinds=kinds):
        yield from page
        seq = page[-1].seq
