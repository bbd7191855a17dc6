"""Drafts of a file to events of the contract: which coin a ticker means, and what kind of event it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vigie.domain.asset import Asset
from vigie.domain.errors import UsageError
from vigie.domain.holding import HoldingRecord, holding_content
from vigie.domain.refusal import Refusal
from vigie.services.holdings.coin_choice import STATE_MONEY, SharedCoinName, find_coin
from vigie.services.holdings.file_drafts import (
    ELSEWHERE,
    INCOMES,
    FileAmount,
    FileDraft,
    FileFault,
)
from vigie.services.holdings.file_ids import FileIds, Said, event_id
from vigie.services.holdings.file_readers import FileDrafts
from vigie.services.holdings.file_table import BadRow, LeftOut, at_of

# A line that a person has chosen a coin for says what its file wrote, so that the choice holds next time.
TICKERS: Final = "tickers"


_INTO: Final[Mapping[str, Mapping[str, object]]] = {
    **{sort: {"kind": "income", "sort": sort} for sort in INCOMES},
    "gift": {"kind": "gift", "way": "in"},
    "bought": {"kind": "buy"},
    "": {"kind": "transfer"},
}
_OUT: Final[Mapping[str, Mapping[str, object]]] = {
    "gift": {"kind": "gift", "way": "out"},
    "loss": {"kind": "loss"},
    "fee": {"kind": "fee"},
    "": {"kind": "transfer", "to_place": ELSEWHERE},
}
_HALF_FORK: Final = Refusal(
    "import_half_fork",
    "a fork must name the coin that split, and say which new coin came and how much of it; leave the row out, or write "
    "it by hand",
)


@dataclass(slots=True)
class TickerBook:
    """Which coin each ticker of a file means.

    Attributes
    ----------
    assets : sequence of Asset
        The catalogue.
    chosen : mapping of str to str
        By ticker, the id that a person has chosen.
    asked : dict of str to tuple of Asset
        Tickers that need an answer, with the coins that have them; none for one that no coin has.
    """

    assets: Sequence[Asset]
    chosen: Mapping[str, str]
    asked: dict[str, tuple[Asset, ...]] = field(default_factory=dict)
    _found: dict[str, str] = field(default_factory=dict)

    def coin(self, ticker: str) -> str:
        """Return the id of a coin; empty where a person must say which is meant."""
        found = self._found.get(ticker)
        if found is None:
            found = self._found[ticker] = self._find(ticker)
        return found

    def known(self) -> set[str]:
        """Return the ids of all coins that were found."""
        return {coin for coin in self._found.values() if coin}

    def _find(self, ticker: str) -> str:
        if ticker in self.chosen:
            return find_coin(self.assets, self.chosen[ticker]).id
        try:
            return find_coin(self.assets, ticker).id
        except SharedCoinName as shared:
            self.asked[ticker] = shared.assets
        except UsageError:
            self.asked[ticker] = ()
        return ""


@dataclass(slots=True)
class FileEvents:
    """The events of a file.

    Attributes
    ----------
    records : list of (int, HoldingRecord)
        Each with its line.
    refused, left_out, noted : list of FileFault
    """

    records: list[tuple[int, HoldingRecord]] = field(default_factory=list)
    refused: list[FileFault] = field(default_factory=list)
    left_out: list[FileFault] = field(default_factory=list)
    noted: list[FileFault] = field(default_factory=list)


def remembered(records: Sequence[HoldingRecord]) -> dict[str, str]:
    """Return the coins that a person has chosen for tickers before, the newest choice of each."""
    found: dict[str, str] = {}
    for record in records:
        if f'"{TICKERS}"' in record.content:
            said = json.loads(record.content).get(TICKERS)
            found.update(said if isinstance(said, dict) else {})
    return found


def to_events(drafts: FileDrafts, tickers: TickerBook, place: str, said: Said = lambda _: ()) -> FileEvents:
    """Return the events of a file.

    Parameters
    ----------
    drafts : FileDrafts
        Its rows.
    tickers : TickerBook
        It learns which tickers need an answer.
    place : str
        Of rows that name none.
    said : callable
        What is kept under an id.
    """
    found = FileEvents(noted=_same_but_fee(drafts.drafts))
    ids = FileIds(drafts.reader, said, drafts.zone)
    for draft in drafts.drafts:
        try:
            events = list(_events(draft, tickers, draft.place or place))
        except BadRow as fault:
            found.refused.append(FileFault(draft.line, fault.column, fault.message))
            continue
        except LeftOut as left:
            found.left_out.append(FileFault(draft.line, "", left.message))
            continue
        identity, first = ids.identity(draft, events[0])
        if first:
            found.noted.append(
                FileFault(draft.line, "", _same_id(first, is_one=drafts.reader.apart == "place"))
            )
        for number, event in enumerate(events):
            record = HoldingRecord(event_id(identity, number), holding_content(event))
            found.records.append((draft.line, record))
    return found


def _same_id(line: int, *, is_one: bool) -> Refusal:
    if is_one:
        return Refusal(
            "import_one_id",
            "the row says the same as row {line} and has its id: they are one line; if it is another, give it an id "
            "of its own",
            line=line,
        )
    return Refusal(
        "import_same_id",
        "the row says the same as row {line} and has its id; both are taken, leave one out if it is the same",
        line=line,
    )


def _same_but_fee(drafts: Sequence[FileDraft]) -> list[FileFault]:
    """Return notes of rows that say the same as one before, but for the fee."""
    before: dict[object, FileDraft] = {}
    noted = []
    for draft in drafts:
        first = before.setdefault((draft.ts, draft.gave, draft.got, draft.label, draft.place), draft)
        if first is not draft and first.fee != draft.fee:
            noted.append(
                FileFault(
                    draft.line,
                    "",
                    Refusal(
                        "import_other_fee",
                        "the row says the same as row {line} with another fee; both are taken, leave one out if it is "
                        "the same trade",
                        line=first.line,
                    ),
                )
            )
    return noted


def is_money(amount: FileAmount | None) -> bool:
    """Tell whether an amount is state money."""
    return amount is not None and amount.ticker.lower() in STATE_MONEY


def _events(draft: FileDraft, tickers: TickerBook, place: str) -> Iterator[dict[str, object]]:
    """Return the event of a draft, and that of a fee that it cannot carry."""
    base: dict[str, object] = {"at": at_of(draft.ts), "place": place}
    gave = None if is_money(draft.gave) else draft.gave
    got = None if is_money(draft.got) else draft.got
    if (lack := _lack_of(draft, gave)) is not None:
        raise BadRow(column="", message=lack)
    if gave is None and got is None:
        raise LeftOut(
            Refusal("import_only_money", "only state money moved; that is not kept here")
            if draft.gave or draft.got
            else Refusal("import_nothing_moved", "the row moves nothing")
        )
    chosen: dict[str, str] = {}

    def coin(amount: FileAmount) -> str:
        asset = tickers.coin(amount.ticker)
        if amount.ticker in tickers.chosen:
            chosen[amount.ticker] = asset
        return asset

    event = {**base, **_kind(draft, gave, got)}
    if gave is not None and draft.trade == "fork":
        event |= {"asset": coin(gave)}
    elif gave is not None:
        event |= {"asset": coin(gave), "qty": gave.quantity}
    elif got is not None:
        event |= {"asset": coin(got), "qty": got.quantity}
    if gave is not None and got is not None:
        event |= {"to_asset": coin(got), "to_qty": got.quantity}
    fee = _fee(draft, coin)
    if gave is None and event["kind"] == "transfer":
        # What arrives pays its own fee: the place where it came from knows nothing of it.
        event |= {"place": ELSEWHERE, "to_place": place}
        if fee is not None and "asset" in fee:
            yield _chosen({**base, "kind": "fee", "asset": fee["asset"], "qty": fee["qty"]}, chosen)
            fee = None
    if fee is not None:
        event["fee"] = fee
    yield _chosen(event, chosen)


def _lack_of(draft: FileDraft, gave: FileAmount | None) -> Refusal | None:
    """Return what a purchase, a sale or a swap does not say; by its amounts alone it would be a transfer."""
    if draft.trade == "swap" and (draft.gave is None or draft.got is None):
        return Refusal(
            "import_half_swap",
            "a swap must say what was given and what was received; leave the row out, or write it by hand",
        )
    if draft.trade == "fork":
        return None if gave and draft.got and not is_money(draft.got) else _HALF_FORK
    coins = draft.got if draft.trade == "buy" else draft.gave
    if draft.trade and coins is None:
        return Refusal(
            "import_no_quantity",
            "a purchase or a sale must say how many coins; leave the row out, or write it by hand",
        )
    if draft.trade == "sell" and gave is not None and draft.got is None:
        return Refusal(
            "import_no_proceeds",
            "a sale must say what was received for it; leave the row out, or write it by hand",
        )
    return None


def _chosen(event: dict[str, object], chosen: Mapping[str, str]) -> dict[str, object]:
    return {**event, TICKERS: dict(chosen)} if chosen else event


def _fee(draft: FileDraft, coin: Callable[[FileAmount], str]) -> dict[str, object] | None:
    fee = draft.fee
    if fee is None:
        return None
    if is_money(fee):
        return {"amount": fee.quantity, "cur": fee.ticker}
    return {"asset": coin(fee), "qty": fee.quantity}


def _money(amount: FileAmount) -> dict[str, str]:
    return {"amount": amount.quantity, "cur": amount.ticker}


def _kind(draft: FileDraft, gave: FileAmount | None, got: FileAmount | None) -> dict[str, object]:
    """Return the kind of an event, with its money."""
    worth = draft.worth if is_money(draft.worth) else None
    value: dict[str, object] = {"value": _money(worth)} if worth else {}
    if draft.trade == "fork":
        return {"kind": "fork"}
    if gave is not None and got is not None:
        return {"kind": "swap", **value}
    if got is not None and draft.gave is not None:
        return {"kind": "buy", "cost": _money(draft.gave)}
    if gave is not None and draft.got is not None:
        return {"kind": "sell", "proceeds": _money(draft.got)}
    if draft.label == "payment" and gave is not None and worth:
        return {"kind": "sell", "proceeds": _money(worth)}
    found = _INTO.get(draft.label) if got is not None else _OUT.get(draft.label)
    if found is not None:
        return {**found, **(value if found["kind"] in ("income", "gift") else {})}
    raise BadRow(
        column="",
        message=Refusal(
            "import_unclear_row",
            "the row is marked {label!r}, which needs more than it says (the old coin of a fork, the worth of a "
            "payment); leave it out and write it by hand",
            label=draft.label,
        ),
    )
