"""Services that Apprise speaks: a list of them, their addresses kept sealed, nothing inside reached, no secret told.

Apprise answers yes or no and writes the reason to its log: that is heard for the thread that sends, masked, and
goes nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import getproxies

from vigie.adapters.net.confined import confined, confinement
from vigie.adapters.notifiers.sealing import AddressSeal
from vigie.domain.errors import (
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    TransientError,
    UsageError,
    VigieError,
)
from vigie.ports.notifier import Message, SealedAddress

# Its host is the service's own.
PUBLIC: Final = frozenset(
    "tgram discord slack pover pbul prowl webex wxteams gchat pushy join zulip ifttt simplepush spush line feishu"
    " lark dingtalk revolt threema signl4 pagerduty opsgenie push twilio workflow workflows".split()
)
# Its host is named in the address: it may be on the internet, or where the settings say that it may be.
HOSTED: Final = frozenset(
    "ntfy ntfys matrix matrixs gotify gotifys signal signals mmost mmosts rocket rockets bark barks mastodon"
    " mastodons toot toots nctalk nctalks notica noticas".split()
)
# Files of this machine, certificates that are not looked at, and what is ours to decide.
REFUSED_OPTIONS: Final = frozenset(
    "template attach verify redirect retry wait cto rto overflow optional store keyfile".split()
)
CONNECT_S: Final = 5.0
READ_S: Final = 10.0
LIMIT_S: Final = 40.0
TOO_MANY: Final = 429
SERVER_FAULT: Final = 500
_LONGEST: Final = 200
_SHORTEST_SECRET: Final = 4
_SCHEME: Final = re.compile(r"[a-z][a-z0-9]{1,19}")
_STATUS: Final = re.compile(r"error=(\d{3})")
# What would call everybody of a channel, were it written by whom the news are from.
_CALLS: Final = re.compile(r"@(?=everyone|here|channel|all\b)|<(?=[@!#])")
# Answers that will not be otherwise in a while.
_FINAL: Final = {
    401: "make a new token and add the address again",
    403: "let the bot write there, or make a new token and add the address again",
    404: "check target and token in the address",
    410: "it is gone: add another address",
}
_PATIENCE: Final = "wait, it asks for patience"
_TROUBLE: Final = "wait, it is in trouble itself"
_REACH: Final = "check the address, and that this machine reaches the service"


class AppriseNotifier:
    """Sends through Apprise; an address is opened for as long as it takes.

    Parameters
    ----------
    seal : AddressSeal
        Opens what `seal` closed.
    hosts : sequence of str
        Hosts that addresses may name although they are of this network.
    """

    def __init__(self, seal: AddressSeal, *, hosts: Sequence[str] = ()) -> None:
        self._seal = seal
        self._hosts = frozenset(host.lower() for host in hosts)

    def seal(self, address: str) -> SealedAddress:
        """Return what is shown and what is kept of an address.

        Raises
        ------
        UsageError
            If it is of no service on the list, asks for what is not given, or is not understood; it is not repeated.
        ConfigError
            If Apprise is not installed.
        """
        scheme = _checked(address)
        with confined():
            _opened(address)
        return SealedAddress(f"{scheme}://… ({self._seal.mark(address)})", self._seal.seal(address))

    async def send(self, message: Message) -> str:
        """Send one message; services of this kind say nothing that is kept."""
        _ready()
        address = self._seal.open(message.to)
        try:
            _checked(address)
            async with asyncio.timeout(LIMIT_S):
                await _aside(lambda: self._sent(address, message))
        except UsageError as fault:
            # It was good when it was added: the list, or Apprise, is another one now.
            raise ConnectorError(str(fault)) from None
        except TimeoutError as fault:
            late = f"{_name(address)} did not answer in {LIMIT_S:g} s; it may have arrived all the same"
            raise OutcomeUnknown(late) from fault
        return ""

    def _sent(self, address: str, message: Message) -> None:
        said: list[str] = []
        with confined(self._allowed(address)) as held:
            _EARS.said = said
            try:
                is_taken = _opened(address).notify(
                    title=_quiet(message.subject), body=_quiet(message.text), body_format="text"
                )
            except VigieError:
                raise
            except Exception as fault:  # noqa: BLE001 - plugins of others; what they say may hold the address
                raise TransientError(f"{_name(address)} could not be told: {type(fault).__name__}") from None
            finally:
                _EARS.said = None
        if not is_taken:
            raise _fault(address, said, held.refused)

    def _allowed(self, address: str) -> frozenset[str]:
        """Return the addresses of a host that the settings allow; whoever may set them answers for the name."""
        host = (urlsplit(address).hostname or "").lower()
        if _scheme(address) not in HOSTED or host not in self._hosts:
            return frozenset()
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as fault:
            raise TransientError(f"{host} could not be found") from fault
        return frozenset(str(entry[4][0]) for entry in found)


def masked(text: str, address: str) -> str:
    """Return a line without anything that an address holds beyond its service and the host of one's own."""
    shown = {_scheme(address)} | ({urlsplit(address).hostname or ""} if _scheme(address) in HOSTED else set())
    parts = re.split(r"[/:@?&=#,]+", address)
    secrets = {form for part in parts for form in (part, unquote(part), part.lower()) if form not in shown}
    line = " ".join(text.split())
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            line = re.sub(re.escape(secret), "***", line, flags=re.IGNORECASE)
    return line[:_LONGEST]


def _fault(address: str, said: Sequence[str], refused: str) -> VigieError:
    """Return what it means that a message was not taken, with its cure."""
    name = _name(address)
    if refused:
        return ConnectorError(
            f"{name} must be reached on the public internet: {refused}; an administrator may allow its host "
            "(apprise_hosts in the settings)"
        )
    why = masked(said[-1] if said else "it gave no reason", address)
    found = _STATUS.search(" ".join(said))
    status = int(found[1]) if found else 0
    if status in _FINAL:
        return ConnectorError(f"{name} refused it: {why} What helps: {_FINAL[status]}")
    cure = _PATIENCE if status == TOO_MANY else _TROUBLE if status >= SERVER_FAULT else _REACH
    return TransientError(f"{name} did not take it: {why} What helps: {cure}")


def _checked(address: str) -> str:
    """Return the scheme of an address that may be used."""
    scheme = _scheme(address)
    if scheme not in PUBLIC | HOSTED:
        raise UsageError(
            f"alerts go to no {scheme or 'such'} address; services are: {', '.join(sorted(PUBLIC | HOSTED))}"
        )
    query = address.partition("?")[2]
    names = {name.strip().lower() for name, _ in parse_qsl(query.replace(";", "&"), keep_blank_values=True)}
    refused = sorted(names & REFUSED_OPTIONS) or ["+"] * any(not name[:1].isalnum() for name in names)
    if refused:
        raise UsageError(f"an address of {scheme} may not hold the option {refused[0]}")
    return scheme


def _scheme(address: str) -> str:
    scheme = address.strip().partition("://")[0].lower() if "://" in address else ""
    return scheme if _SCHEME.fullmatch(scheme) else ""


def _name(address: str) -> str:
    """Return what a service is called in messages: its scheme, and the host where that is one's own."""
    scheme = _scheme(address)
    return f"{scheme} ({urlsplit(address).hostname})" if scheme in HOSTED else scheme


def _quiet(text: str) -> str:
    """Return a text that calls nobody by name: a sign without width stands behind what would."""
    return _CALLS.sub(lambda found: f"{found[0]}\u200b", text)


def _opened(address: str) -> Any:
    """Return what Apprise makes of an address, with what is ours to decide decided."""
    apprise = _ready()
    asset = apprise.AppriseAsset(
        app_id="Vigie", app_desc="Vigie", app_url="", async_mode=False, secure_logging=True,
        http_redirects=False, allow_templates=False, storage_mode="memory", plugin_paths=[],
    )  # fmt: skip
    made = apprise.Apprise.instantiate(address, asset=asset)
    if made is None:
        raise UsageError(
            f"Apprise does not understand this {_scheme(address)} address; its form is in Apprise's documentation"
        )
    made.verify_certificate, made.redirects, made.optional = True, False, False
    made.socket_connect_timeout, made.socket_read_timeout = CONNECT_S, READ_S
    made.service_retry, made.overflow_mode = 0, apprise.OverflowMode.SPLIT
    return made


def _ready() -> Any:
    """Return Apprise.

    Raises
    ------
    ConfigError
        If it is not installed, or a proxy is set, behind which nobody sees where a name leads.
    """
    if find_spec("apprise") is None:
        raise ConfigError("addresses of Apprise need the package apprise; run: pip install 'vigie[apprise]'")
    if set(getproxies()) & {"http", "https", "all"}:
        raise ConfigError("Apprise is not used behind a proxy: unset HTTP_PROXY, HTTPS_PROXY and ALL_PROXY")
    return _loaded()


@cache
def _loaded() -> Any:
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.WARNING)
    log.addHandler(_Hearing(logging.WARNING))
    # It writes whole addresses, tokens within.
    logging.getLogger("urllib3.connectionpool").addFilter(lambda _record: confinement() is None)
    return import_module("apprise")


class _Ears(threading.local):
    said: list[str] | None = None


_EARS: Final = _Ears()


class _Hearing(logging.Handler):
    """Keeps what Apprise says for the thread that asked; nothing of it is written anywhere."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        if _EARS.said is not None:
            _EARS.said.append(record.getMessage())


async def _aside(work: Callable[[], None]) -> None:
    """Do what blocks in a thread of its own, which nobody waits for once its time is over."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(fault: BaseException | None) -> None:
        if not done.done():
            done.set_exception(fault) if fault else done.set_result(None)

    def run() -> None:
        fault: BaseException | None = None
        try:
            work()
        except BaseException as found:  # noqa: BLE001 - told to who waits
            fault = found
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, fault)

    threading.Thread(target=run, name="vigie-apprise", daemon=True).start()
    await done
