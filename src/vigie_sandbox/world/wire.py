"""What goes over the wire, without any server: questions, replies and conversations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vigie.domain.errors import UsageError
from vigie.domain.money import GridStep


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """One request.

    Attributes
    ----------
    path : str
        Without the service's own prefix.
    query : mapping
        The last value of each parameter.
    now_ms : int
        The market's time.
    service_ms : int
        The time the service tells: the market's, plus the skew of a fault.
    body : object
        What a POST carried, parsed; None without.
    headers : mapping
        By their names in small letters.
    """

    path: str
    query: Mapping[str, str]
    now_ms: int
    service_ms: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def get_int(self, name: str, default: int) -> int:
        """Return a whole number of the query."""
        text = self.query.get(name)
        if text is None or text == "":
            return default
        try:
            return int(float(text))
        except ValueError:
            raise ServiceRefusal(400, {"error": f"{name} must be a number, was {text!r}"}) from None


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: `body` is sent as JSON, or as it is where it is text."""

    body: Any
    status: int = 200
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class ServiceRefusal(Exception):
    """An answer that refuses, in the service's own words."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body


class Service(Protocol):
    """Answers the requests of one outside service."""

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer; may raise `ServiceRefusal`."""
        ...


class WorldStreamSession(Protocol):
    """One client of a stream."""

    def receive(self, text: str, now_ms: int) -> list[str]:
        """Return what is answered at once to a client's message."""
        ...

    def push_to_client(self, now_ms: int) -> list[str]:
        """Return what has happened since the last call."""
        ...


def format_on_grid(number: float, step: GridStep) -> str:
    """Write a number with as many decimals as its grid has, ``53657.8``."""
    return f"{number:.{step.digits}f}"


def format_short(number: float, decimals: int = 10) -> str:
    """Write a number without needless zeros and never with an exponent."""
    text = f"{number:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def require_number(value: object, name: str) -> float:
    """Return a number of a JSON body.

    Raises
    ------
    UsageError
        If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{name} must be a number, was {value!r}")
    return float(value)
