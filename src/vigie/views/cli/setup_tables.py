"""Tables of setups for the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.table import Table

from vigie.catalogue import NamedTexts
from vigie.domain.setup import ENDED
from vigie.research.report.texts import TEXTS
from vigie.views.cli.plan_tables import STANDINGS
from vigie.views.cli.strategy_tables import price_text
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from vigie.services.operations.setups import SetupsTable
    from vigie.services.setups.replaying import SetupReplay
    from vigie.services.setups.setup_results import SetupResult

OTHER_FILES: Final = NamedTexts("other_file", {
    "one": "1 change of {strategy} could not be decided anew: it was made with another file of it (SHA-256 "
           "{source}...). Its levels, end and R were checked without the file; how near it was could not be.",
    "many": "{count} changes of {strategy} could not be decided anew: they were made with another file of it (SHA-256 "
            "{source}...). Their levels, ends and R were checked without the file; how near they were could not be.",
})  # fmt: skip
WIDE: Final = 1_000
# Of a SHA-256, in hex.
_DIGITS: Final = 12
STATES: Final = {
    "forming": "forming",
    "confirmed": "confirmed",
    "played_out": "played out",
    "invalidated": "invalidated",
    "expired": "expired",
}
CAUSES: Final = {
    "near": "criteria near for two closes",
    "decided": "entry decided",
    "stop": "stop reached",
    "target": "target reached",
    "liquidation": "liquidated",
    "not_near": "criteria far for two closes",
    "beyond_stop": "closed beyond the stop",
    "gap": "bars are missing",
    "strategy_changed": "strategy or account changed",
    "gap_through_level": "opened beyond a level",
    "entry_refused": "entry refused at the next open",
    "exit_condition": "exit condition",
    "opposite_signal": "opposite signal",
    "closes": "ten closes without an entry",
    "horizon": "horizon reached",
}


def print_changes(report: SetupReplay) -> None:
    """Print a row a change, and below how many of each there are."""
    out = _console()
    table = _table("known", "slot", "side", "state", "cause", "close", "stop", "target", "setup")
    for change in report.changes:
        table.add_row(
            _minute(change.ts_known), str(change.slot), change.side, STATES[change.state],
            CAUSES[change.cause], price_text(change.entry), price_text(change.stop), price_text(change.target),
            change.setup,
        )  # fmt: skip
    out.print(table)
    counts: Counter[str] = Counter(change.state for change in report.changes)
    told = ", ".join(f"{counts[state]} {name}" for state, name in STATES.items() if counts[state])
    out.print(
        f"{report.n_slots} slot{'s' * (report.n_slots != 1)}, {report.n_closes} closes: {told or 'no setups'}",
        highlight=False,
    )


def print_setups(told: SetupsTable, *, is_replayed: bool) -> None:
    """Print a row a setup, and below how many are in each state."""
    out = _console()
    table = _table(
        "since", "slot", "side", "state", "cause", "close", "stop", "target", "nearness", "account", "setup"
    )
    for row in told.rows:
        table.add_row(
            _minute(row.ts_known), row.slot, row.side, STATES[row.state], CAUSES[row.cause],
            price_text(row.entry), price_text(row.stop), price_text(row.target),
            "–" if row.nearness is None else f"{row.nearness:.2f}",
            f"{row.account}, replayed" if row.is_replayed else row.account, row.setup,
        )  # fmt: skip
    out.print(table)
    counts = ", ".join(
        f"{told.counts[state]} {name}" for state, name in STATES.items() if told.counts.get(state)
    )
    shown = "" if len(told.rows) == told.total else f"{len(told.rows)} of {told.total} shown; "
    out.print(f"{shown}{counts or _nothing(told, is_replayed=is_replayed)}", highlight=False)


def _nothing(told: SetupsTable, *, is_replayed: bool) -> str:
    if told.has_replayed and not is_replayed:
        return "no live setups; those of a replayed past: vigie setups list --replayed"
    return "no setups"


def print_setup(told: SetupResult) -> None:
    """Print a setup: its levels in money, its changes, and the criteria of its decision, as its page does."""
    out, row = _console(), told.newest
    out.print(f"{row.slot} {row.side}: {STATES[row.state]}, {CAUSES[row.cause]}", highlight=False)
    if told.money is not None and told.money.refusal:
        reason = TEXTS["en"].get(f"refusal.{told.money.refusal}", told.money.refusal)
        out.print(f"its entry is refused: {reason}", highlight=False)
    elif told.money is not None:
        money = told.money
        share = (
            ""
            if money.break_even is None
            else f", to lose nothing {money.break_even:.0%} must reach the target"
        )
        out.print(
            f"at the stop {money.loss:+.2f} {money.currency}, at the target {money.gain:+.2f}{share}",
            highlight=False,
        )
    elif row.state in ENDED:
        out.print("what its entry was in money at its decision is not kept", highlight=False)
    if told.money is not None:
        out.print(STANDINGS[told.money.standing], highlight=False)
    changes = _table("since", "state", "cause", "close", "stop", "target", "R", "bars")
    for change in told.changes:
        changes.add_row(
            _minute(change.ts_known), STATES[change.state], CAUSES[change.cause], price_text(change.entry),
            price_text(change.stop), price_text(change.target), "–" if change.r is None else f"{change.r:+.2f}",
            change.bars[:16],
        )  # fmt: skip
    out.print(changes)
    deciding = next((change for change in told.changes if change.state == "confirmed"), told.changes[0])
    at = "the decision" if deciding.state == "confirmed" else "its first change"
    out.print(f"criteria at {at}, {_minute(deciding.ts_known)}", highlight=False)
    criteria = _table("criterion", "value", "threshold", "weight", "met")
    for one in deciding.criteria:
        criteria.add_row(
            one.name if one.required else f"{one.name} (optional)", price_text(one.value), price_text(one.threshold),
            f"{one.weight:g}", "yes" if one.holds else "no",
        )  # fmt: skip
    out.print(criteria)
    for correction in told.corrections:
        out.print(
            f"bar of {_minute(correction.ts_bar)} was corrected since; the setup keeps to what was seen"
        )


def _console() -> Console:
    """Return a console that cuts no id and no slot where nobody watches: a program may read them."""
    out = console()
    if not out.is_terminal:
        out.width = WIDE
    return out


def _table(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in heads:
        is_number = head in ("close", "stop", "target", "nearness", "value", "threshold", "weight", "R")
        table.add_column(
            head, justify="right" if is_number else "left", no_wrap=head in ("slot", "setup", "bars")
        )
    return table


def _minute(ts: int) -> str:
    from vigie.domain.time import iso

    return iso(ts)[:16].replace("T", " ")


def say_other_files(counts: Mapping[tuple[str, str], int], language: str) -> list[str]:
    """Return a sentence for each file of a strategy that is another one today.

    Parameters
    ----------
    counts : mapping of (str, str) to int
        Changes by strategy and SHA-256 of its file as it was.
    language : str
        Of the sentences.
    """
    texts = OTHER_FILES[language]
    return [
        texts["one" if count == 1 else "many"].format(count=count, strategy=strategy, source=source[:_DIGITS])
        for (strategy, source), count in sorted(counts.items())
    ]
