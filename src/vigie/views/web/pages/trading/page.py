"""A trading account: money, positions, trades, orders with their life, refusals, limits, and the hands on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import UsageError
from vigie.drawing.frame import Frame
from vigie.services.demo_world import count_strategies
from vigie.services.operation import Figure
from vigie.services.operations.trading import AccountSummary
from vigie.services.trading.accounts.account_status import STREAM_SILENT_S, next_close
from vigie.services.typed_numbers import is_number
from vigie.views.web.page import Page
from vigie.views.web.pages.trading import event_texts, words
from vigie.views.web.pages.trading.charts import chart_description, equity_chart, equity_keys
from vigie.views.web.replays import count_closed
from vigie.views.web.request_context import RequestContext

PARTS: Final = ("", "trades", "days", "orders", "refusals", "slots", "limits", "events")
CONFIRMED: Final = ("stop", "resume", "flatten")
FEW: Final = 8
MANY: Final = 50
# What a part of the page asks for, of an account.
_Part = Callable[[RequestContext, Any], Mapping[str, object]]


def show(context: RequestContext) -> Mapping[str, Any]:
    """Ask for an account, and for the part of it that is looked at."""
    accounts = context.call("trading.accounts").rows
    if not accounts and not context.query.get("account"):
        return {"accounts": [], "account": None, "demo_strategies": count_strategies()}
    name = context.query.get("account") or default_account(accounts)
    part = context.query.get("part", "")
    part = part if part in PARTS else ""
    account = context.call("trading.account", account=name)
    confirm = context.query.get("confirm", "")
    done = context.query.get("done", "")
    past, earlier = _replayed_count(context, account), _earlier_count(context, account)
    return {
        "accounts": accounts, "account": account, "part": part, "parts": PARTS,
        "confirm": confirm if confirm in CONFIRMED and context.caller.may("trade") else "",
        "begun": next(row["ts"] for row in accounts if row["account"] == name),
        "done": done if done in (*CONFIRMED, "limits", "lifted", "seen") else "",
        "past": past, "earlier": earlier, "tiles": [] if part else _tiles(context, account, past, earlier),
        "is_silent": account.is_traded and (account.silent_s or 0.0) > STREAM_SILENT_S,
        "order_states": words.ORDER_STATES, **words.template_functions(context), **words.status_words(context, account),
        **event_texts.template_functions(context, account.currency),
        **_PARTS[part](context, account),
    }  # fmt: skip


def default_account(accounts: list[dict[str, Any]]) -> str:
    """Return the account that is shown where none is named: the main one, else the first."""
    names = [row["account"] for row in accounts]
    return "main" if "main" in names else str(names[0])


def _overview(context: RequestContext, account: Any) -> dict[str, Any]:
    language = context.lang.content_language
    curve = context.call("trading.curve", account=account.account, language=language)
    frame = Frame(
        "equity",
        context.text("Equity"),
        chart_description(context, account, curve),
        language=context.lang.language,
        zone="UTC",
    )
    return {
        "concerns": context.call("trading.concerns", account=account.account),
        "positions": context.call("trading.positions", account=account.account),
        "trades": context.call("trading.closed_trades", account=account.account, limit=FEW),
        "strategies": context.call("trading.strategies", account=account.account),
        "equity": equity_chart(context, curve, frame),
        "equity_keys": equity_keys(context, curve),
        "pauses": curve.remarks,
        "limits": context.call("trading.limits", account=account.account),
        "next_decision": _next_decision(context, account),
    }


def _next_decision(context: RequestContext, account: Any) -> tuple[int, int] | None:
    """Return when the next bar closes, and how many strategies that are on decide there; None where none is."""
    if not account.is_traded or account.replay is not None:
        return None
    rows = context.call("trading.slots", account=account.account).rows
    closes = [next_close(context.now, row["timeframe"]) for row in rows if row["is_on"]]
    return (min(closes), closes.count(min(closes))) if closes else None


def _replayed_count(context: RequestContext, account: Any) -> int:
    """Return how many replayed trades the journal has, for an account that went live."""
    if account.replay is not None:
        return 0
    return count_closed(context, account.account, "only")


def _earlier_count(context: RequestContext, account: AccountSummary) -> int:
    """Return how many live trades of the account's earlier runs the journal has."""
    if account.replay is not None:
        return 0
    live = count_closed(context, account.account, "without")
    return max(0, live - int(account.trades))


def _tiles(
    context: RequestContext, account: Any, past: int, earlier: int
) -> list[tuple[str, Figure, str, float | None, str]]:
    """Return (title, figure, live address, change, its live address)."""
    source = f"{account.mode} on {account.venue}"

    def figure(value: float, unit: str) -> Figure:
        return Figure(value=value, unit=unit, source=source, ts_event=account.event_ts)

    address, quote = f"account:{account.account}", account.currency
    closed = context.text("Closed trades, live") if past else context.text("Closed trades")
    if earlier:
        closed = context.text("Closed trades, present run")
    equity, day = figure(account.equity, quote), figure(account.day_pnl, quote)
    return [
        (context.text("Equity"), equity, f"{address}:equity", account.result_fraction, f"{address}:result_fraction"),
        (context.text("Daily P&L"), day, f"{address}:day_pnl", account.day_fraction, f"{address}:day_fraction"),
        (context.text("Unrealized P&L"), figure(account.open_pnl, quote), f"{address}:open_pnl", None, ""),
        (closed, figure(account.trades, "count"), "", None, ""),
    ]  # fmt: skip


def _table(operation: str) -> _Part:
    def ask(context: RequestContext, account: Any) -> dict[str, object]:
        return {"table": context.call(operation, account=account.account, limit=MANY)}

    return ask


def _unlimited_table(operation: str) -> _Part:
    def ask(context: RequestContext, account: Any) -> dict[str, object]:
        return {"table": context.call(operation, account=account.account)}

    return ask


def _events(context: RequestContext, account: Any) -> dict[str, Any]:
    cursor = context.query.get("cursor", "")
    return {
        "table": context.call("trading.events", account=account.account, limit=MANY, cursor=cursor),
        "cursor": cursor,
    }


_PARTS: Final = {
    "": _overview,
    "trades": _table("trading.closed_trades"),
    "days": _table("trading.daily_stats"),
    "orders": _table("trading.orders"),
    "refusals": _table("trading.refusals"),
    "slots": _unlimited_table("trading.slots"),
    "limits": _unlimited_table("trading.limits"),
    "events": _events,
}


def _return_to_account(form: Mapping[str, str], **changes: str) -> Response:
    query_values = {"account": form.get("account", ""), "part": form.get("part", ""), **changes}
    query = urlencode({key: value for key, value in query_values.items() if value})
    return RedirectResponse(f"/trading?{query}", 303)


def change_state(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Stop, resume or close an account."""
    what = form.get("what", "")
    if what not in CONFIRMED:
        raise UsageError(
            "unknown_what",
            "what must be one of {confirmed}, was {what!r}",
            confirmed=" ".join(CONFIRMED),
            what=what,
        )
    values = {"account": form.get("account", ""), "why": form.get("why", "").strip() or None}
    if what == "flatten":
        values["confirm"] = form.get("typed", "").strip()
    context.call(f"trading.{what}", **values)
    return _return_to_account(form, done=what)


def switch_slots(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Switch a slot, or all of them."""
    slots = [slot for slot in form.get("slots", "").split(",") if slot]
    if slots:
        context.call(
            "trading.switch", account=form.get("account", ""), slots=slots, on=form.get("to") == "on"
        )
    return _return_to_account(form)


def set_own_limits(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Set limits of one's own; empty fields leave the plan's."""
    most, loss = form.get("max_positions", "").strip(), form.get("daily_loss", "").strip().replace(",", ".")
    if loss and not is_number(loss):
        raise UsageError(
            "daily_loss_must_per_cent", "the daily loss must be in per cent, was {loss!r}", loss=loss
        )
    fraction = float(loss) / 100.0 if loss else None
    context.call(
        "trading.tighten",
        account=form.get("account", ""),
        max_positions=most or None,
        daily_loss_fraction=fraction,
    )
    return _return_to_account(form, done="limits")


def lift_limits(context: RequestContext, form: Mapping[str, str]) -> Response:
    """End the limits of loss that refuse entries now, with a reason."""
    context.call(
        "trading.lift",
        account=form.get("account", ""),
        why=form.get("why", "").strip(),
        confirm=form.get("typed", "").strip(),
    )
    return _return_to_account(form, done="lifted")


def acknowledge(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Take note of what is grave."""
    context.call("trading.seen", account=form.get("account", ""), until=form.get("until") or 0)
    return _return_to_account(form, done="seen")


GROUP: Final = "trading"
PAGES = (
    Page(
        name="trading",
        path="/trading",
        title="Trading",
        description="Trading accounts: equity, positions, trades, orders, refusals, events, limits and switches.",
        show=show,
        actions={
            "/trading/order": change_state,
            "/trading/switch": switch_slots,
            "/trading/limits": set_own_limits,
            "/trading/lift": lift_limits,
            "/trading/seen": acknowledge,
        },
    ),
)
