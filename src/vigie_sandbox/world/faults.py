"""Faults on demand: a service that refuses, breaks off, lies or falls silent, once, often or by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vigie.domain.errors import UsageError
from vigie_sandbox.world.hashed_random import derive_key, uniform

REQUEST_KINDS: Final = ("429", "5xx", "timeout", "half-body", "wrong-json")
STREAM_KINDS: Final = ("silent-stream", "cut-stream")
CLOCK_SKEW: Final = "clock-skew"
KINDS: Final = (*REQUEST_KINDS, *STREAM_KINDS, CLOCK_SKEW)


@dataclass(slots=True)
class ServiceFault:
    """One fault of one service.

    Attributes
    ----------
    number : int
        To take it away by.
    service, kind : str
        ``bitget``, ``429``.
    times : int or None
        How often it still happens; None until it is taken away.
    probability : float
        Chance that a request meets it, drawn from `seed`.
    seed : int
        Of those chances.
    retry_after : int
        Seconds that a 429 tells the client to wait.
    status : int
        Of a 5xx.
    seconds : float
        How long a time-out holds the line before it is cut.
    skew_ms : int
        How far a clock is ahead.
    path : str
        Only requests whose path holds this.
    met : int
        How many requests it has met.
    """

    number: int
    service: str
    kind: str
    times: int | None = 1
    probability: float = 1.0
    seed: int = 0
    retry_after: int = 5
    status: int = 503
    seconds: float = 30.0
    skew_ms: int = 90_000
    path: str = ""
    met: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


_NUMBERS: Final[Mapping[str, tuple[float, float]]] = {
    "probability": (0.0, 1.0),
    "seed": (0, 2**31),
    "retry_after": (0, 3_600),
    "status": (500, 599),
    "seconds": (0.0, 600.0),
    "skew_ms": (-86_400_000, 86_400_000),
}


class ServiceFaults:
    """The faults that are on, by service."""

    def __init__(self, services: tuple[str, ...]) -> None:
        self._services = services
        self._faults: list[ServiceFault] = []
        self._last_number = 0

    def add(self, fields: Mapping[str, Any]) -> ServiceFault:
        """Add a fault from what a person or a test asked for.

        Parameters
        ----------
        fields : mapping
            ``service`` and ``kind``; ``times`` (1 unless given, null for ever) and the other attributes of
            `ServiceFault` where they matter.

        Raises
        ------
        UsageError
            If it cannot be.
        """
        unknown = sorted(set(fields) - {"service", "kind", "times", "path", *_NUMBERS})
        if unknown:
            raise UsageError(f"fault must not have {', '.join(unknown)}")
        service, kind = fields.get("service"), fields.get("kind")
        if service not in self._services:
            raise UsageError(f"service must be one of {', '.join(self._services)}, was {service!r}")
        if kind not in KINDS:
            raise UsageError(f"kind must be one of {', '.join(KINDS)}, was {kind!r}")
        times = fields.get("times", None if kind in (*STREAM_KINDS, CLOCK_SKEW) else 1)
        if times is not None and (not isinstance(times, int) or times < 1):
            raise UsageError(f"times must be a whole number from 1, or null, was {times!r}")
        numbers = {name: _read_number(name, fields[name]) for name in _NUMBERS if name in fields}
        self._last_number += 1
        fault = ServiceFault(
            self._last_number, service, kind, times, path=str(fields.get("path", "")), **numbers
        )
        self._faults.append(fault)
        return fault

    def clear(self, service: str | None = None) -> None:
        """Take the faults of a service away, or all."""
        self._faults = [fault for fault in self._faults if service is not None and fault.service != service]

    def all(self) -> list[ServiceFault]:
        """Return what is on."""
        return list(self._faults)

    def take_request_fault(self, service: str, path: str) -> ServiceFault | None:
        """Return the fault that a request meets, and count it."""
        return self._take(service, path, REQUEST_KINDS)

    def take_stream_cut(self, service: str) -> bool:
        """Whether a stream is cut now."""
        return self._take(service, "", ("cut-stream",)) is not None

    def is_silent(self, service: str) -> bool:
        """Whether a service's streams are silent."""
        return any(fault.kind == "silent-stream" and fault.service == service for fault in self._faults)

    def skew_ms(self, service: str) -> int:
        """Return how far a service's clock is ahead."""
        return sum(
            fault.skew_ms for fault in self._faults if (fault.kind, fault.service) == (CLOCK_SKEW, service)
        )

    def _take(self, service: str, path: str, kinds: tuple[str, ...]) -> ServiceFault | None:
        for fault in self._faults:
            if fault.service != service or fault.kind not in kinds or fault.path not in path:
                continue
            fault.met += 1
            if uniform(derive_key(fault.seed, service, fault.kind), fault.met) >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times == 0:
                    self._faults.remove(fault)
            return fault
        return None


def _read_number(name: str, value: object) -> Any:
    low, high = _NUMBERS[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise UsageError(f"{name} must be {low:g}..{high:g}, was {value!r}")
    return value
