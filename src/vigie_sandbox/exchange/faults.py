"""Faults on demand: what goes wrong with requests, reads and streams, once, often, by script or by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from vigie.domain.errors import UsageError
from vigie_sandbox.world.hashed_random import derive_key, uniform

Phase = Literal["before", "after", "pace", "order", "standing", "stream"]
"""Before a request is taken; after it was; on its way back; while an order is taken; as long as it is on; on pushes."""


@dataclass(frozen=True, slots=True)
class ExchangeFaultKind:
    """One kind of fault.

    Attributes
    ----------
    phase : str
        When a request or a push meets it.
    method : str
        Only requests of this method; empty meets all.
    path : str
        Only requests whose path holds this, unless the fault says otherwise.
    times : int or None
        How often it happens, unless the fault says otherwise; None until it is taken away.
    seconds : float
        How long it takes or lasts, unless the fault says otherwise.
    code : str
        What is answered, unless the fault says otherwise.
    """

    phase: Phase
    words: str
    method: str = ""
    path: str = ""
    times: int | None = 1
    seconds: float = 30.0
    code: str = ""


_POST: Final = "POST"
_LEVEL_PATH: Final = "tpsl"

FAULT_KINDS: Final[Mapping[str, ExchangeFaultKind]] = {
    "lost": ExchangeFaultKind("before", "never arrives: no answer, then the line is cut", _POST),
    "reset-before": ExchangeFaultKind("before", "the connection is reset before the request is taken", _POST),
    "refused": ExchangeFaultKind("before", "answered with `code` and not taken", _POST, code="40762"),
    "rate-limit": ExchangeFaultKind("before", "429: too many requests"),
    "ban": ExchangeFaultKind(
        "before", "403 for everything of the client, for `seconds`", times=None, seconds=600.0
    ),
    "maintenance": ExchangeFaultKind("before", "`code` for every signed request", times=None, code="40200"),
    "unavailable": ExchangeFaultKind("before", "503 with a page instead of an answer", times=None),
    "leverage-refused": ExchangeFaultKind(
        "before", "leverage is not changed", _POST, "set-leverage", code="40893"
    ),
    "mode-refused": ExchangeFaultKind(
        "before", "margin or position mode is locked", _POST, "-mode", code="45117"
    ),
    "level-refused": ExchangeFaultKind(
        "before", "a stop or target would trigger at once", _POST, _LEVEL_PATH, code="40917"
    ),
    "stop-refused": ExchangeFaultKind(
        "order", "an order with a stop is refused: it would trigger at once", _POST, code="40917"
    ),
    "lost-answer": ExchangeFaultKind("after", "taken, then silence until the line is cut", _POST),
    "late-answer": ExchangeFaultKind(
        "after", "taken and pushed; the answer comes after `seconds`", _POST, seconds=2.0
    ),
    "slow": ExchangeFaultKind(
        "pace", "every answer comes late: by up to `seconds`, by seed", times=None, seconds=2.0
    ),
    "server-error": ExchangeFaultKind("after", "taken, then 502 with a page", _POST),
    "system-error": ExchangeFaultKind(
        "after", "taken, then `code`: 40015, 40725, 40010, 45001", _POST, code="40015"
    ),
    "reset": ExchangeFaultKind("after", "taken, then the connection is reset", _POST),
    "html": ExchangeFaultKind("after", "a page under HTTP 200"),
    "half-body": ExchangeFaultKind("after", "an answer that breaks off under HTTP 200"),
    "cut-json": ExchangeFaultKind("after", "half of the answer as if it were whole, under HTTP 200"),
    "null-data": ExchangeFaultKind("after", "success with `data: null`"),
    "empty-body": ExchangeFaultKind("after", "an empty body under HTTP 200"),
    "no-order-id": ExchangeFaultKind("after", "an acknowledgement without the order's id", _POST, "order"),
    "unseen": ExchangeFaultKind(
        "order", "an order cannot be read for `seconds` after it was placed", _POST, seconds=3.0
    ),
    "levels-dropped": ExchangeFaultKind("order", "stop and target of an order are forgotten", _POST),
    "partial-fill": ExchangeFaultKind("order", "a market order fills `share` of itself and rests", _POST),
    "clock-skew": ExchangeFaultKind("standing", "the venue's clock is `skew_ms` ahead", times=None),
    "stale-price": ExchangeFaultKind("standing", "tickers and books stand still", times=None),
    "price-spike": ExchangeFaultKind(
        "standing", "tickers and books show `share` times the price", times=None
    ),
    "silent-stream": ExchangeFaultKind("standing", "no pushes; ping is answered", times=None),
    "dead-stream": ExchangeFaultKind("standing", "neither pushes nor pong", times=None),
    "cut-stream": ExchangeFaultKind("stream", "streams are closed with the next push"),
    "lost-pushes": ExchangeFaultKind("stream", "pushes are lost"),
    "double-pushes": ExchangeFaultKind("stream", "pushes come twice", times=None),
    "late-pushes": ExchangeFaultKind("stream", "pushes come `seconds` late", times=None, seconds=2.0),
    "shuffled-pushes": ExchangeFaultKind(
        "stream", "pushes of `seconds` come in another order", times=None, seconds=0.5
    ),
    "login-refused": ExchangeFaultKind(
        "standing", "the login of streams fails with `code`", times=None, code="30005"
    ),
    "random": ExchangeFaultKind("before", "one of `kinds`, by chance and seed", times=None),
}
_PRIVATE_ONLY: Final = frozenset({"maintenance"})
_NUMBER_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "probability": (0.0, 1.0),
    "seed": (0, 2**31),
    "after": (0, 10**9),
    "seconds": (0.0, 86_400.0),
    "status": (400, 599),
    "skew_ms": (-86_400_000, 86_400_000),
    "share": (0.0, 100.0),
}


@dataclass(slots=True)
class ExchangeFault:
    """One fault that is on.

    Attributes
    ----------
    number : int
        To take it away by.
    times : int or None
        How often it still happens; None until it is taken away.
    after : int
        So many requests pass unharmed before.
    probability, seed : float, int
        Chance that a request or push meets it.
    method, path : str
        Which requests; of pushes, the path is part of the channel's name.
    share : float
        Of an order that fills; of a price that is shown.
    kinds : tuple of str
        What a random one may be.
    met, happened : int
        How many requests or pushes it could have harmed, and has.
    ts : int
        When it was put on, on the machine's clock.
    """

    number: int
    kind: str
    times: int | None
    seconds: float
    code: str
    method: str
    path: str
    ts: int
    after: int = 0
    probability: float = 1.0
    seed: int = 0
    status: int = 502
    skew_ms: int = 90_000
    share: float = 0.5
    kinds: tuple[str, ...] = ()
    met: int = 0
    happened: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


class ExchangeFaults:
    """The faults that are on.

    Parameters
    ----------
    kinds : mapping
        Those that there are, with the paths and codes of a venue.
    """

    def __init__(self, kinds: Mapping[str, ExchangeFaultKind] = FAULT_KINDS) -> None:
        self._kinds = kinds
        self._faults: list[ExchangeFault] = []
        self._last_number = 0
        self._hidden: dict[str, int] = {}
        self.count: dict[str, int] = {}

    def add(self, values: Mapping[str, Any], now_ms: int) -> ExchangeFault:
        """Put a fault on, from what a person or a test asked for.

        Raises
        ------
        UsageError
            If it cannot be.
        """
        unknown = sorted(set(values) - {"kind", "times", "method", "path", "code", "kinds", *_NUMBER_RANGES})
        if unknown:
            raise UsageError(f"fault must not have {', '.join(unknown)}")
        name = values.get("kind")
        if not isinstance(name, str) or name not in self._kinds:
            raise UsageError(f"kind must be one of {', '.join(self._kinds)}, was {name!r}")
        kind = self._kinds[name]
        times = values.get("times", kind.times)
        if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
            raise UsageError(f"times must be a whole number from 1, or null, was {times!r}")
        numbers = {field: _check_number(field, values[field]) for field in _NUMBER_RANGES if field in values}
        self._last_number += 1
        fault = ExchangeFault(
            self._last_number,
            name,
            times,
            numbers.pop("seconds", kind.seconds),
            str(values.get("code", kind.code)),
            str(values.get("method", kind.method)).upper(),
            str(values.get("path", kind.path)),
            now_ms,
            kinds=_read_kinds(values.get("kinds", ()), name),
            **numbers,
        )
        self._faults.append(fault)
        return fault

    def clear(self, number: int | None = None, kind: str | None = None) -> None:
        """Take a fault away by its number, all of a kind, or all."""
        self._faults = [
            fault
            for fault in self._faults
            if (number is not None and fault.number != number) or (kind is not None and fault.kind != kind)
        ]

    def all(self) -> list[ExchangeFault]:
        """Return what is on."""
        return list(self._faults)

    def before(self, method: str, path: str, now_ms: int, *, is_private: bool) -> ExchangeFault | None:
        """Return the fault that a request meets before it is taken."""
        for fault in self._list_phase("before"):
            if fault.kind in _PRIVATE_ONLY and not is_private:
                continue
            if fault.kind == "ban" and now_ms >= fault.ts + fault.seconds * 1_000:
                self._faults.remove(fault)
                continue
            if fault.kind != "random" and self._count_and_match(fault, method, path):
                return fault
        return self._draw_random("before", method, path)

    def after(self, method: str, path: str) -> ExchangeFault | None:
        """Return the fault that a request meets after it was taken."""
        for fault in self._list_phase("after"):
            if self._count_and_match(fault, method, path):
                return fault
        return self._draw_random("after", method, path)

    def draw_delay_s(self, method: str, path: str) -> float:
        """Return how late the answer to a request comes, in seconds."""
        return sum(
            fault.seconds * uniform(derive_key(fault.seed, "lag"), fault.met)
            for fault in self._list_phase("pace")
            if self._count_and_match(fault, method, path)
        )

    def on_order(self, kind: str, path: str) -> ExchangeFault | None:
        """Return a fault of a kind that the taking of an order meets."""
        for fault in self._list_phase("order"):
            if fault.kind == kind and self._count_and_match(fault, _POST, path):
                return fault
        return None

    def on_push(self, kind: str, channel: str) -> ExchangeFault | None:
        """Return a fault of a kind that a push meets."""
        for fault in self._list_phase("stream"):
            if fault.kind == kind and self._count_and_match(fault, "", channel):
                return fault
        return None

    def get_standing(self, kind: str, path: str = "") -> ExchangeFault | None:
        """Return a fault of a kind that is on, without counting it."""
        matches = (fault for fault in self._faults if fault.kind == kind and fault.path in path)
        return next(matches, None)

    def skew_ms(self, _now_ms: int) -> int:
        """Return how far the venue's clock is ahead."""
        return sum(fault.skew_ms for fault in self._faults if fault.kind == "clock-skew")

    def hide_order(self, order_id: str, until_ms: int) -> None:
        """Let an order be unknown until a time of the machine's clock."""
        self._hidden[order_id] = until_ms

    def hides_order(self, order_id: str, now_ms: int) -> bool:
        """Whether an order is not yet shown."""
        until = self._hidden.get(order_id)
        if until is None:
            return False
        if now_ms >= until:
            del self._hidden[order_id]
            return False
        return True

    def _list_phase(self, phase: Phase) -> list[ExchangeFault]:
        return [fault for fault in self._faults if self._kinds[fault.kind].phase == phase]

    def _count_and_match(self, fault: ExchangeFault, method: str, path: str) -> bool:
        if fault.path not in path or fault.method not in ("", method):
            return False
        fault.met += 1
        if fault.met <= fault.after:
            return False
        if uniform(derive_key(fault.seed, "fault", fault.kind), fault.met) >= fault.probability:
            return False
        self._record_use(fault)
        return True

    def _draw_random(self, phase: Phase, method: str, path: str) -> ExchangeFault | None:
        """Let a random fault become one of its kinds, where that kind fits the request and its phase."""
        for fault in self._faults:
            if fault.kind != "random" or fault.path not in path or fault.method not in ("", method):
                continue
            fault.met += 1
            if uniform(derive_key(fault.seed, "fault", "random"), fault.met) >= fault.probability:
                continue
            name = fault.kinds[int(uniform(derive_key(fault.seed, "which"), fault.met) * len(fault.kinds))]
            kind = self._kinds[name]
            if kind.phase == phase and kind.method in ("", method) and kind.path in path:
                self._record_use(fault, name)
                code = fault.code or kind.code
                return ExchangeFault(
                    fault.number, name, 1, kind.seconds, code, method, path, fault.ts, happened=1
                )
        return None

    def _record_use(self, fault: ExchangeFault, name: str = "") -> None:
        fault.happened += 1
        self.count[name or fault.kind] = self.count.get(name or fault.kind, 0) + 1
        if fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                self._faults.remove(fault)


def _read_kinds(names: object, kind: str) -> tuple[str, ...]:
    allowed = [
        name
        for name, fault_kind in FAULT_KINDS.items()
        if fault_kind.phase in ("before", "after") and name != "random"
    ]
    if kind != "random":
        if names:
            raise UsageError("kinds must only be given with the kind random")
        return ()
    if not isinstance(names, Sequence) or isinstance(names, str) or not names:
        return tuple(allowed)
    wrong = [str(name) for name in names if name not in allowed]
    if wrong:
        raise UsageError(f"kinds must be among {', '.join(allowed)}, was {', '.join(wrong)}")
    return tuple(names)


def _check_number(name: str, value: object) -> Any:
    low, high = _NUMBER_RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UsageError(f"{name} must be {low:g}..{high:g}, was {value!r}")
    return value
