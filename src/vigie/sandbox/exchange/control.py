"""The control port: steps and acknowledgements, faults, the clock, and what happens to accounts from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from vigie.domain.errors import UsageError
from vigie.sandbox.exchange.core.grid import plain
from vigie.sandbox.exchange.core.words import Ask, Cause, Contract, Hold, Refused, Status, Trade
from vigie.sandbox.exchange.desk import Desk
from vigie.sandbox.exchange.matchers.lockstep import Instant, LockStep
from vigie.sandbox.world.clock import VirtualClock

_PREFIX: Final = "/control/"
_FORCED: Final[Mapping[str, Cause]] = {"liquidate": "liquidation", "adl": "adl", "close": "person"}
_STATUSES: Final[Mapping[str, Status]] = {
    "halt": "maintain",
    "limit_open": "limit_open",
    "delist": "off",
    "resume": "normal",
}
_WALLETS: Final = ("trading", "main")
_ANNOUNCED: Final = ("off", "limit_open", "maintain")
_CHANGES: Final = ("tick", "lot", "min_qty", "min_notional", "max_qty", "max_leverage", "taker", "maker")

Body = Mapping[str, Any]


class Control:
    """Answers on the control port.

    Parameters
    ----------
    desk : Desk
        The venue that is controlled.
    about : mapping
        What `GET /control/about` tells of the market.
    lock_step : LockStep or None
        Of a market that is moved from outside.
    clock : VirtualClock or None
        Of a market that moves by itself.
    """

    def __init__(
        self,
        desk: Desk,
        about: Body,
        *,
        lock_step: LockStep | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        self._desk = desk
        self._about = about
        self._lock_step = lock_step
        self._clock = clock
        self._answers: dict[tuple[str, str], Callable[[Body], object]] = {
            ("GET", "about"): lambda _: self._about,
            ("POST", "step"): lambda _: self._step(),
            ("GET", "step"): lambda _: self._current(),
            ("POST", "ack"): self._ack,
            ("POST", "fault"): self._fault,
            ("GET", "fault"): lambda _: self._faults(),
            ("DELETE", "fault"): self._clear,
            ("GET", "clock"): lambda _: self._time(),
            ("POST", "clock"): self._set_clock,
            ("GET", "state"): lambda _: self._state(),
            ("POST", "do"): self._do,
        }

    def answer(self, method: str, path: str, body: object) -> object:
        """Return the answer to a request.

        Raises
        ------
        UsageError
            If it cannot be done.
        """
        found = self._answers.get((method, path.removeprefix(_PREFIX)))
        if found is None or not path.startswith(_PREFIX):
            known = ", ".join(f"{verb} {_PREFIX}{name}" for verb, name in self._answers)
            raise UsageError(f"control answers {known}; was {method} {path}")
        # Several faults at once are a script.
        if isinstance(body, list) and path == _PREFIX + "fault":
            return [self._fault(one) for one in body]
        if not isinstance(body, dict):
            raise UsageError("the body must be a JSON object")
        try:
            return found(body)
        except Refused as no:
            raise UsageError(f"{no.code}: {no}") from None

    # -- lock-step -----------------------------------------------------------------------------------------------

    def _stepper(self) -> LockStep:
        if self._lock_step is None:
            raise UsageError("the market moves by itself; start the exchange with --matcher model to step it")
        return self._lock_step

    def _step(self) -> object:
        return _instant(self._stepper().step())

    def _current(self) -> object:
        current = self._stepper().current()
        return None if current is None else _instant(current)

    def _ack(self, body: Body) -> object:
        series = body.get("series")
        if series is not None and not isinstance(series, dict):
            raise UsageError("series must be an object of client ids")
        number, phase = _whole(body, "number"), _whole(body, "phase")
        return {"account_seq": self._stepper().ack(number, phase, series)}

    # -- faults and the clock ------------------------------------------------------------------------------------

    def _fault(self, body: object) -> object:
        if not isinstance(body, dict):
            raise UsageError("a fault must be a JSON object")
        return self._desk.faults.add(body, self._desk.wall()).told()

    def _faults(self) -> object:
        return {"on": [one.told() for one in self._desk.faults.all()], "happened": self._desk.faults.count}

    def _clear(self, body: Body) -> object:
        number, kind = body.get("number"), body.get("kind")
        self._desk.faults.clear(number, kind)
        return self._faults()

    def _time(self) -> object:
        clock = self._clock
        return {
            "market_ms": self._desk.now_ms(),
            "venue_ms": self._desk.told_ms(),
            "speed": None if clock is None else clock.speed,
            "paused": None if clock is None else clock.paused,
            "door": self._desk.door,
            "window_ms": self._desk.ring.window_ms,
        }

    def _set_clock(self, body: Body) -> object:
        unknown = sorted(set(body) - {"speed", "paused", "jump_to", "skew_ms", "door", "window_ms"})
        if unknown:
            raise UsageError(f"the clock must not be told {', '.join(unknown)}")
        moves = {name: body[name] for name in ("speed", "paused", "jump_to") if name in body}
        if moves:
            if self._clock is None:
                raise UsageError("the market is moved by steps; it has no speed")
            self._clock.change(**moves)
        if "skew_ms" in body:
            self._desk.faults.clear(kind="clock-skew")
            if body["skew_ms"]:
                self._desk.faults.add({"kind": "clock-skew", "skew_ms": body["skew_ms"]}, self._desk.wall())
        if "window_ms" in body:
            self._desk.ring.window_ms = _whole(body, "window_ms")
        if "door" in body:
            if body["door"] not in ("wall", "market"):
                raise UsageError(f"door must be wall or market, was {body['door']!r}")
            self._desk.door = body["door"]
        return self._time()

    # -- what happens from outside -------------------------------------------------------------------------------

    def _do(self, body: Body) -> object:
        what = body.get("what")
        deeds = {
            **dict.fromkeys(_FORCED, self._force),
            **dict.fromkeys(_STATUSES, self._set_status),
            "announce": self._announce,
            "rename": self._rename,
            "contract": self._change,
            "deposit": self._deposit,
            "transfer": self._transfer,
            "foreign_order": self._foreign,
            "key": self._spoil,
            "rights": self._allow,
            "let_go": self._let_go,
        }
        if what not in deeds:
            raise UsageError(f"what must be one of {', '.join(deeds)}, was {what!r}")
        return deeds[what](body)

    def _force(self, body: Body) -> object:
        trade = self._desk.exchange.force_close(
            self._account(body), self._symbol(body), _FORCED[body["what"]], _hold(body)
        )
        return _plain(trade)

    def _set_status(self, body: Body) -> object:
        status, symbols = _STATUSES[body["what"]], [self._symbol(body)]
        if body.get("symbol") == "all":
            symbols = [one.symbol for one in self._desk.exchange.contracts()]
        for symbol in symbols:
            self._desk.exchange.set_status(symbol, status)
            if status == "normal":
                self._desk.announced.pop(symbol, None)
        return {"symbols": symbols, "status": status}

    def _announce(self, body: Body) -> object:
        """Say when a contract will be taken away, limited or halted; `delist`, `limit_open` or `halt` then do it."""
        symbol, status = self._symbol(body), body.get("status", "off")
        if status not in _ANNOUNCED:
            raise UsageError(f"status must be one of {', '.join(_ANNOUNCED)}, was {status!r}")
        told = self._desk.announced.setdefault(symbol, {})
        told[status] = self._desk.now_ms() + _whole(body, "in_ms")
        return {"symbol": symbol, "announced": told}

    def _rename(self, body: Body) -> object:
        """Give a contract another name, with everything that is open in it."""
        contract, to = self._contract(body), body.get("to")
        if not isinstance(to, str) or not to.isalnum():
            raise UsageError(f"to must be a name of letters and digits, was {to!r}")
        name = contract.base if self._desk.is_by_coin else contract.symbol
        self._desk.renamed.now[name] = to
        return {"renamed": self._desk.renamed.now}

    def _change(self, body: Body) -> object:
        contract = self._contract(body)
        wanted = {name: _number(body, name) for name in _CHANGES if name in body}
        if not wanted:
            raise UsageError(f"a contract's change must name one of {', '.join(_CHANGES)}")
        changed = replace(contract, **cast(Any, wanted))
        self._desk.exchange.change_contract(changed)
        return _plain(changed)

    def _deposit(self, body: Body) -> object:
        account, wallet = self._account(body), body.get("wallet", "trading")
        if wallet not in _WALLETS:
            raise UsageError(f"wallet must be one of {', '.join(_WALLETS)}, was {wallet!r}")
        self._desk.exchange.deposit(account, _number(body, "amount"), wallet=wallet)
        return _plain(self._desk.exchange.money(account))

    def _transfer(self, body: Body) -> object:
        return _plain(self._desk.exchange.transfer(self._account(body), _number(body, "amount")))

    def _foreign(self, body: Body) -> object:
        """Place an order that the account's own program did not."""
        price = _number(body, "price") if "price" in body else None
        side = 1 if body.get("side", "buy") == "buy" else -1
        ask = Ask(
            str(body.get("client_id", "")),
            self._symbol(body),
            side,
            "market" if price is None else "limit",
            _number(body, "size"),
            price,
            reduce_only=bool(body.get("reduce_only", False)),
        )
        return _plain(self._desk.exchange.place(self._account(body), ask))

    def _spoil(self, body: Body) -> object:
        """Let a key be refused with a code; without a code it is good again."""
        code = str(body.get("code", ""))
        ills = self._desk.ring.ills
        if code and code not in ills:
            raise UsageError(f"code must be one of {', '.join(ills)}, or empty, was {code!r}")
        keys = [one.key for one in self._desk.ring.all() if body.get("key", one.key) == one.key]
        for key in keys:
            self._desk.ring.spoil(key, code)
        return {"keys": keys, "code": code}

    def _allow(self, body: Body) -> object:
        """Give every key other rights, such as ``wwow`` to withdraw."""
        rights = body.get("authorities")
        if not isinstance(rights, list) or not all(isinstance(one, str) for one in rights):
            raise UsageError(f"authorities must be a list of words, was {rights!r}")
        for one in self._desk.ring.all():
            self._desk.ring.allow(one.key, tuple(rights))
        return {"authorities": rights}

    def _let_go(self, _body: Body) -> object:
        self._desk.exchange.let_go()
        return {}

    # -- what there is -------------------------------------------------------------------------------------------

    def _state(self) -> object:
        exchange = self._desk.exchange
        accounts = {
            name: {
                "money": exchange.money(name),
                "position_mode": exchange.position_mode(name),
                "positions": exchange.positions(name),
                "orders": [*exchange.open_orders(name), *exchange.order_history(name)],
                "plans": [*exchange.open_plans(name), *exchange.plan_history(name)],
                "trades": exchange.trades(name),
                "bills": exchange.bills(name),
                "moves": exchange.moves(name),
            }
            for name in exchange.accounts()
        }
        told = {
            name: {what: _plain(value) for what, value in parts.items()} for name, parts in accounts.items()
        }
        for parts in told.values():
            for what in ("orders", "plans"):
                parts[what] = list({one["id"]: one for one in parts[what]}.values())
        return {
            "market_ms": self._desk.now_ms(),
            "account_seq": exchange.seq,
            "contracts": _plain(exchange.contracts()),
            "accounts": told,
        }

    def _account(self, body: Body) -> str:
        names = list(self._desk.exchange.accounts())
        name = body.get("account", names[0] if names else "")
        if name not in names:
            raise UsageError(f"account must be one of {', '.join(names)}, was {name!r}")
        return str(name)

    def _contract(self, body: Body) -> Contract:
        contracts = {one.symbol: one for one in self._desk.exchange.contracts()}
        symbol = body.get("symbol", next(iter(contracts)))
        if symbol == "all":
            symbol = next(iter(contracts))
        if symbol not in contracts:
            raise UsageError(f"symbol must be one of {', '.join(contracts)}, was {symbol!r}")
        return contracts[symbol]

    def _symbol(self, body: Body) -> str:
        return self._contract(body).symbol


def _instant(one: Instant) -> dict[str, Any]:
    return {
        "number": one.number,
        "ts": one.ts,
        "closed": [
            {
                "series": series,
                "bar": [
                    bar.ts,
                    *(plain(value) for value in (bar.open, bar.high, bar.low, bar.close, bar.volume)),
                ],
            }
            for series, bar in one.closed
        ],
        "opened": [{"series": series, "ts": one.ts, "price": plain(price)} for series, price in one.opened],
        "fundings": [_plain(bill) for bill in one.fundings],
        "fills": [_fill(trade) for trade in one.trades],
        "account_seq": one.seq,
        "is_last": one.is_last,
    }


def _fill(trade: Trade) -> dict[str, Any]:
    return {
        "tradeId": trade.id,
        "orderId": trade.order_id,
        "clientOid": trade.client_id,
        "symbol": trade.symbol,
        "side": "buy" if trade.side > 0 else "sell",
        "price": plain(trade.price),
        "size": plain(trade.qty),
        "fee": plain(trade.fee),
        "cause": trade.cause.removeprefix("pos_"),
        "series": trade.series,
        "ts": trade.ts,
    }


def _plain(value: Any) -> Any:
    """Return records as JSON, numbers as text."""
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


def _whole(body: Body, name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name} must be a whole number, was {value!r}")
    return value


def _number(body: Body, name: str) -> Decimal:
    try:
        value = Decimal(str(body.get(name)))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UsageError(f"{name} must be a number, was {body.get(name)!r}")
    return value


def _hold(body: Body) -> Hold:
    hold = body.get("hold", "net")
    if hold == "long":
        return "long"
    return "short" if hold == "short" else "net"
