"""The mailbox of the simulated world, asked over its control."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from vigie.domain.errors import TransientError
from vigie.ports.mailbox import ReceivedMail

_TIMEOUT_S: Final = 3.0
# Two hundred lines of a list, or one message as JSON.
_MAX_RESPONSE_BYTES: Final = 4_000_000
_NOT_FOUND: Final = 404


class WorldMailbox:
    """Reads what the simulated world's mail server took.

    Parameters
    ----------
    url : str
        Address of the world.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/mail"
        # What runs on this machine is asked directly, whatever proxy is set.
        self._opener = build_opener(ProxyHandler({}))

    def newest(self) -> list[ReceivedMail]:
        """Return what is kept, newest first."""
        listing = self._fetch(self._url) or {}
        return [_parse_mail(fields) for fields in listing.get("mails", [])]

    def find(self, number: int) -> ReceivedMail | None:
        """Return one message whole, or None."""
        fields = self._fetch(f"{self._url}/{number}")
        return None if fields is None else _parse_mail(fields)

    def _fetch(self, url: str) -> Any:
        try:
            with self._opener.open(url, timeout=_TIMEOUT_S) as response:
                return json.loads(response.read(_MAX_RESPONSE_BYTES))
        except HTTPError as fault:
            if fault.code == _NOT_FOUND:
                return None
            raise TransientError(
                "simulated_market_answered_e_mail",
                "the simulated market answered {code} for its e-mail",
                code=fault.code,
            ) from fault
        except (URLError, OSError, ValueError) as fault:
            raise TransientError(
                "simulated_market_does_not_answer_start",
                "the simulated market does not answer; start it with `vigie demo` ({name})",
                name=type(fault).__name__,
            ) from fault


def _parse_mail(fields: Mapping[str, Any]) -> ReceivedMail:
    return ReceivedMail(
        number=fields["number"], ts=fields["ts"], sender=fields["sender"], recipients=tuple(fields["recipients"]),
        subject=fields["subject"], size=fields["size"], text=fields.get("text", ""), html=fields.get("html", ""),
        headers=tuple((name, value) for name, value in fields.get("headers", [])),
        pictures=tuple((name, body) for name, body in fields.get("pictures", [])),
        attachments=tuple((name, kind, body) for name, kind, body in fields.get("attachments", [])),
    )  # fmt: skip
