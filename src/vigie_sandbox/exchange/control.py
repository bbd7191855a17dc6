"""The control port: steps and acknowledgements, faults, the clock, and what happens to accounts from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from vigie.domain.errors import UsageError
from vigie_sandbox.exchange.control_json import (
    Body,
    instant_json,
    read_decimal,
    read_hold,
    read_integer,
    to_json,
)
from vigie_sandbox.exchange.core.entities import (
    Contract,
    ContractStatus,
    ExchangeRefusal,
    OrderRequest,
    TradeCause,
)
from vigie_sandbox.exchange.matchers.lockstep import LockStep
from vigie_sandbox.exchange.venue_context import VenueContext
from vigie_sandbox.world.clock import VirtualClock

_PREFIX: Final = "/control/"
_FORCED_CAUSES: Final[Mapping[str, TradeCause]] = {
    "liquidate": "liquidation",
    "adl": "adl",
    "close": "person",
}
_STATUS_COMMANDS: Final[Mapping[str, ContractStatus]] = {
    "halt": "maintain",
    "limit_open": "limit_open",
    "delist": "off",
    "resume": "normal",
}
_WALLETS: Final = ("trading", "main")
_ANNOUNCEABLE: Final = ("off", "limit_open", "maintain")
_CHANGEABLE_RULES: Final = (
    "tick",
    "lot",
    "min_qty",
    "min_notional",
    "max_qty",
    "max_leverage",
    "taker",
    "maker",
)


class ExchangeControl:
    """Answers on the control port.

    Parameters
    ----------
    context : VenueContext
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
        context: VenueContext,
        about: Body,
        *,
        lock_step: LockStep | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        self._context = context
        self._about = about
        self._lock_step = lock_step
        self._clock = clock
        self._handlers: dict[tuple[str, str], Callable[[Body], object]] = {
            ("GET", "about"): lambda _: self._about,
            ("POST", "step"): lambda _: self._step(),
            ("GET", "step"): lambda _: self._current_instant(),
            ("POST", "ack"): self._ack,
            ("POST", "fault"): self._add_fault,
            ("GET", "fault"): lambda _: self._list_faults(),
            ("DELETE", "fault"): self._clear_faults,
            ("GET", "clock"): lambda _: self._clock_state(),
            ("POST", "clock"): self._set_clock,
            ("GET", "state"): lambda _: self._describe_state(),
            ("POST", "do"): self._run_command,
        }

    def answer(self, method: str, path: str, body: object) -> object:
        """Return the answer to a request.

        Raises
        ------
        UsageError
            If it cannot be done.
        """
        handler = self._handlers.get((method, path.removeprefix(_PREFIX)))
        if handler is None or not path.startswith(_PREFIX):
            handlers = ", ".join(f"{verb} {_PREFIX}{name}" for verb, name in self._handlers)
            raise UsageError(f"control answers {handlers}; was {method} {path}")
        # Several faults at once are a script.
        if isinstance(body, list) and path == _PREFIX + "fault":
            return [self._add_fault(fault) for fault in body]
        if not isinstance(body, dict):
            raise UsageError("the body must be a JSON object")
        try:
            return handler(body)
        except ExchangeRefusal as refusal:
            raise UsageError(f"{refusal.code}: {refusal}") from None

    # -- lock-step -----------------------------------------------------------------------------------------------

    def _require_lock_step(self) -> LockStep:
        if self._lock_step is None:
            raise UsageError("the market moves by itself; start the exchange with --matcher model to step it")
        return self._lock_step

    def _step(self) -> object:
        return instant_json(self._require_lock_step().step())

    def _current_instant(self) -> object:
        current = self._require_lock_step().current()
        return None if current is None else instant_json(current)

    def _ack(self, body: Body) -> object:
        series = body.get("series")
        if series is not None and not isinstance(series, dict):
            raise UsageError("series must be an object of client ids")
        number, phase = read_integer(body, "number"), read_integer(body, "phase")
        return {"account_seq": self._require_lock_step().ack(number, phase, series)}

    # -- faults and the clock ------------------------------------------------------------------------------------

    def _add_fault(self, body: object) -> object:
        if not isinstance(body, dict):
            raise UsageError("a fault must be a JSON object")
        return self._context.faults.add(body, self._context.wall()).to_json()

    def _list_faults(self) -> object:
        return {
            "on": [fault.to_json() for fault in self._context.faults.all()],
            "happened": self._context.faults.count,
        }

    def _clear_faults(self, body: Body) -> object:
        number, kind = body.get("number"), body.get("kind")
        self._context.faults.clear(number, kind)
        return self._list_faults()

    def _clock_state(self) -> object:
        clock = self._clock
        return {
            "market_ms": self._context.now_ms(),
            "venue_ms": self._context.venue_ms(),
            "speed": None if clock is None else clock.speed,
            "paused": None if clock is None else clock.paused,
            "door": self._context.request_clock,
            "window_ms": self._context.key_ring.window_ms,
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
            self._context.faults.clear(kind="clock-skew")
            if body["skew_ms"]:
                self._context.faults.add(
                    {"kind": "clock-skew", "skew_ms": body["skew_ms"]}, self._context.wall()
                )
        if "window_ms" in body:
            self._context.key_ring.window_ms = read_integer(body, "window_ms")
        if "door" in body:
            if body["door"] not in ("wall", "market"):
                raise UsageError(f"door must be wall or market, was {body['door']!r}")
            self._context.request_clock = body["door"]
        return self._clock_state()

    # -- what happens from outside -------------------------------------------------------------------------------

    def _run_command(self, body: Body) -> object:
        command = body.get("what")
        commands = {
            **dict.fromkeys(_FORCED_CAUSES, self._force_close),
            **dict.fromkeys(_STATUS_COMMANDS, self._set_status),
            "announce": self._announce,
            "rename": self._rename,
            "contract": self._change_contract,
            "deposit": self._deposit,
            "transfer": self._transfer,
            "foreign_order": self._place_foreign_order,
            "key": self._set_key_defect,
            "rights": self._set_key_rights,
            "let_go": self._release_withheld_orders,
        }
        if command not in commands:
            raise UsageError(f"what must be one of {', '.join(commands)}, was {command!r}")
        return commands[command](body)

    def _force_close(self, body: Body) -> object:
        trade = self._context.exchange.force_close(
            self._read_account(body), self._read_symbol(body), _FORCED_CAUSES[body["what"]], read_hold(body)
        )
        return to_json(trade)

    def _set_status(self, body: Body) -> object:
        status, symbols = _STATUS_COMMANDS[body["what"]], [self._read_symbol(body)]
        if body.get("symbol") == "all":
            symbols = [contract.symbol for contract in self._context.exchange.contracts()]
        for symbol in symbols:
            self._context.exchange.set_status(symbol, status)
            if status == "normal":
                self._context.announced.pop(symbol, None)
        return {"symbols": symbols, "status": status}

    def _announce(self, body: Body) -> object:
        """Say when a contract will be taken away, limited or halted; `delist`, `limit_open` or `halt` then do it."""
        symbol, status = self._read_symbol(body), body.get("status", "off")
        if status not in _ANNOUNCEABLE:
            raise UsageError(f"status must be one of {', '.join(_ANNOUNCEABLE)}, was {status!r}")
        times = self._context.announced.setdefault(symbol, {})
        times[status] = self._context.now_ms() + read_integer(body, "in_ms")
        return {"symbol": symbol, "announced": times}

    def _rename(self, body: Body) -> object:
        """Give a contract another name, with everything that is open in it."""
        contract, new_name = self._read_contract(body), body.get("to")
        if not isinstance(new_name, str) or not new_name.isalnum():
            raise UsageError(f"to must be a name of letters and digits, was {new_name!r}")
        name = contract.base if self._context.is_named_by_coin else contract.symbol
        self._context.renames.new_names[name] = new_name
        return {"renamed": self._context.renames.new_names}

    def _change_contract(self, body: Body) -> object:
        contract = self._read_contract(body)
        changes = {name: read_decimal(body, name) for name in _CHANGEABLE_RULES if name in body}
        if not changes:
            raise UsageError(f"a contract's change must name one of {', '.join(_CHANGEABLE_RULES)}")
        changed = replace(contract, **cast(Any, changes))
        self._context.exchange.change_contract(changed)
        return to_json(changed)

    def _deposit(self, body: Body) -> object:
        account, wallet = self._read_account(body), body.get("wallet", "trading")
        if wallet not in _WALLETS:
            raise UsageError(f"wallet must be one of {', '.join(_WALLETS)}, was {wallet!r}")
        self._context.exchange.deposit(account, read_decimal(body, "amount"), wallet=wallet)
        return to_json(self._context.exchange.money(account))

    def _transfer(self, body: Body) -> object:
        return to_json(
            self._context.exchange.transfer(self._read_account(body), read_decimal(body, "amount"))
        )

    def _place_foreign_order(self, body: Body) -> object:
        """Place an order that the account's own program did not."""
        price = read_decimal(body, "price") if "price" in body else None
        side = 1 if body.get("side", "buy") == "buy" else -1
        request = OrderRequest(
            str(body.get("client_id", "")),
            self._read_symbol(body),
            side,
            "market" if price is None else "limit",
            read_decimal(body, "size"),
            price,
            reduce_only=bool(body.get("reduce_only", False)),
        )
        return to_json(self._context.exchange.place(self._read_account(body), request))

    def _set_key_defect(self, body: Body) -> object:
        """Let a key be refused with a code; without a code it is good again."""
        code = str(body.get("code", ""))
        defects = self._context.key_ring.defects
        if code and code not in defects:
            raise UsageError(f"code must be one of {', '.join(defects)}, or empty, was {code!r}")
        keys = [
            key_record.key
            for key_record in self._context.key_ring.all()
            if body.get("key", key_record.key) == key_record.key
        ]
        for key in keys:
            self._context.key_ring.set_defect(key, code)
        return {"keys": keys, "code": code}

    def _set_key_rights(self, body: Body) -> object:
        """Give every key other rights, such as ``wwow`` to withdraw."""
        rights = body.get("authorities")
        if not isinstance(rights, list) or not all(isinstance(entry, str) for entry in rights):
            raise UsageError(f"authorities must be a list of words, was {rights!r}")
        for entry in self._context.key_ring.all():
            self._context.key_ring.set_rights(entry.key, tuple(rights))
        return {"authorities": rights}

    def _release_withheld_orders(self, _body: Body) -> object:
        self._context.exchange.release_withheld_orders()
        return {}

    # -- what there is -------------------------------------------------------------------------------------------

    def _describe_state(self) -> object:
        exchange = self._context.exchange
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
        rows = {
            name: {part: to_json(value) for part, value in tables.items()}
            for name, tables in accounts.items()
        }
        for tables in rows.values():
            for part in ("orders", "plans"):
                tables[part] = list({record["id"]: record for record in tables[part]}.values())
        return {
            "market_ms": self._context.now_ms(),
            "account_seq": exchange.seq,
            "contracts": to_json(exchange.contracts()),
            "accounts": rows,
        }

    def _read_account(self, body: Body) -> str:
        names = list(self._context.exchange.accounts())
        name = body.get("account", names[0] if names else "")
        if name not in names:
            raise UsageError(f"account must be one of {', '.join(names)}, was {name!r}")
        return str(name)

    def _read_contract(self, body: Body) -> Contract:
        contracts = {contract.symbol: contract for contract in self._context.exchange.contracts()}
        symbol = body.get("symbol", next(iter(contracts)))
        if symbol == "all":
            symbol = next(iter(contracts))
        if symbol not in contracts:
            raise UsageError(f"symbol must be one of {', '.join(contracts)}, was {symbol!r}")
        return contracts[symbol]

    def _read_symbol(self, body: Body) -> str:
        return self._read_contract(body).symbol
