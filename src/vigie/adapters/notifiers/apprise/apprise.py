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
from vigie.adapters.notifiers.apprise.schemes import HOSTED, PUBLIC
from vigie.adapters.notifiers.sealing import AddressSeal
from vigie.domain.errors import (
    ConfigError,
    ConnectorError,
    OutcomeUnknown,
    TransientError,
    UsageError,
    VigieError,
)
from vigie.domain.refusal import Refusal
from vigie.ports.notifier import OutgoingMessage, SealedAddress

# Files of this machine, certificates that are not looked at, and what is ours to decide.
REFUSED_OPTIONS: Final = frozenset(
    "template attach verify redirect retry wait cto rto overflow optional store keyfile".split()
)
CONNECT_S: Final = 5.0
READ_S: Final = 10.0
TOTAL_TIMEOUT_S: Final = 40.0
TOO_MANY_REQUESTS: Final = 429
SERVER_FAULT: Final = 500
_MAX_LINE_LENGTH: Final = 200
_MIN_SECRET_LENGTH: Final = 4
_SCHEME: Final = re.compile(r"[a-z][a-z0-9]{1,19}")
_STATUS: Final = re.compile(r"error=(\d{3})")
# What would call everybody of a channel, were it written by whom the news are from.
_MENTIONS: Final = re.compile(r"@(?=everyone|here|channel|all\b)|<(?=[@!#])")
# Answers that will not be otherwise in a while.
_CURE_BY_STATUS: Final = {
    401: Refusal("make_new_token", "make a new token and add the address again"),
    403: Refusal("let_bot_write", "let the bot write there, or make a new token and add the address again"),
    404: Refusal("check_target_and_token", "check target and token in the address"),
    410: Refusal("address_gone", "it is gone: add another address"),
}
_CURE_THROTTLED: Final = Refusal("service_asks_for_patience", "wait: the service asks to slow down")
_CURE_SERVER_FAULT: Final = Refusal("service_in_trouble", "wait: the service itself is down")
_CURE_UNREACHABLE: Final = Refusal(
    "check_address_and_network", "check the address, and that this machine reaches the service"
)


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
        scheme = _check_address(address)
        with confined():
            _open_service(address)
        return SealedAddress(f"{scheme}://… ({self._seal.fingerprint(address)})", self._seal.seal(address))

    async def send(self, message: OutgoingMessage) -> str:
        """Send one message; services of this kind say nothing that is kept."""
        _require_apprise()
        address = self._seal.open(message.to)
        try:
            _check_address(address)
            async with asyncio.timeout(TOTAL_TIMEOUT_S):
                await _run_in_thread(lambda: self._send_blocking(address, message))
        except UsageError as fault:
            # It was good when it was added: the list, or Apprise, is another one now.
            raise ConnectorError(str(fault)) from None
        except TimeoutError as fault:
            text = f"{_service_name(address)} did not answer in {TOTAL_TIMEOUT_S:g} s; it may have arrived all the same"
            raise OutcomeUnknown(text) from fault
        return ""

    def _send_blocking(self, address: str, message: OutgoingMessage) -> None:
        lines: list[str] = []
        with confined(self._allowed_addresses(address)) as active:
            _CAPTURE.lines = lines
            try:
                is_delivered = _open_service(address).notify(
                    title=_neutralise_mentions(message.subject),
                    body=_neutralise_mentions(message.text),
                    body_format="text",
                )
            except VigieError:
                raise
            except Exception as fault:  # noqa: BLE001 - plugins of others; what they say may hold the address
                raise TransientError(
                    "could_not_notified",
                    "{address} could not be notified: {name}",
                    address=_service_name(address),
                    name=type(fault).__name__,
                ) from None
            finally:
                _CAPTURE.lines = None
        if not is_delivered:
            raise _delivery_error(address, lines, active.refused)

    def _allowed_addresses(self, address: str) -> frozenset[str]:
        """Return the addresses of a host that the settings allow; whoever may set them answers for the name."""
        host = (urlsplit(address).hostname or "").lower()
        if _scheme(address) not in HOSTED or host not in self._hosts:
            return frozenset()
        try:
            entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError as fault:
            raise TransientError("host_not_found", "{host} could not be found", host=host) from fault
        return frozenset(str(entry[4][0]) for entry in entries)


def mask_secrets(text: str, address: str) -> str:
    """Return a line without anything that an address holds beyond its service and the host of one's own."""
    public_parts = {_scheme(address)} | (
        {urlsplit(address).hostname or ""} if _scheme(address) in HOSTED else set()
    )
    parts = re.split(r"[/:@?&=#,]+", address)
    secrets = {
        form for part in parts for form in (part, unquote(part), part.lower()) if form not in public_parts
    }
    line = " ".join(text.split())
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _MIN_SECRET_LENGTH:
            line = re.sub(re.escape(secret), "***", line, flags=re.IGNORECASE)
    return line[:_MAX_LINE_LENGTH]


def _delivery_error(address: str, lines: Sequence[str], refused: str) -> VigieError:
    """Return what it means that a message was not taken, with its cure."""
    name = _service_name(address)
    if refused:
        return ConnectorError(
            "service_not_public",
            "{name} must be reached on the public internet: {reason}; an administrator may allow its host "
            "(apprise_hosts in the settings)",
            name=name,
            reason=refused,
        )
    reason = mask_secrets(lines[-1] if lines else Refusal("no_reason_given", "it gave no reason"), address)
    match = _STATUS.search(" ".join(lines))
    status = int(match[1]) if match else 0
    if status in _CURE_BY_STATUS:
        return ConnectorError(
            "service_refused_message",
            "{name} refused it: {reason} Try this: {cure}",
            name=name,
            reason=reason,
            cure=_CURE_BY_STATUS[status],
        )
    cure = (
        _CURE_THROTTLED
        if status == TOO_MANY_REQUESTS
        else _CURE_SERVER_FAULT
        if status >= SERVER_FAULT
        else _CURE_UNREACHABLE
    )
    return TransientError(
        "service_did_not_take_message",
        "{name} did not accept it: {reason} Try this: {cure}",
        name=name,
        reason=reason,
        cure=cure,
    )


def _check_address(address: str) -> str:
    """Return the scheme of an address that may be used."""
    scheme = _scheme(address)
    if scheme not in PUBLIC | HOSTED:
        raise UsageError(
            "alerts_cannot_go_addresses",
            "alerts cannot go to {scheme} addresses; services are: {public}",
            scheme=scheme or Refusal("such_addresses", "such"),
            public=", ".join(sorted(PUBLIC | HOSTED)),
        )
    query = address.partition("?")[2]
    names = {name.strip().lower() for name, _ in parse_qsl(query.replace(";", "&"), keep_blank_values=True)}
    refused = sorted(names & REFUSED_OPTIONS) or ["+"] * any(not name[:1].isalnum() for name in names)
    if refused:
        raise UsageError(
            "address_must_not_contain_option",
            "a {scheme} address must not contain the option {refused}",
            scheme=scheme,
            refused=refused[0],
        )
    return scheme


def _scheme(address: str) -> str:
    scheme = address.strip().partition("://")[0].lower() if "://" in address else ""
    return scheme if _SCHEME.fullmatch(scheme) else ""


def _service_name(address: str) -> str:
    """Return what a service is called in messages: its scheme, and the host where that is one's own."""
    scheme = _scheme(address)
    return f"{scheme} ({urlsplit(address).hostname})" if scheme in HOSTED else scheme


def _neutralise_mentions(text: str) -> str:
    """Return a text that calls nobody by name: a sign without width stands behind what would."""
    return _MENTIONS.sub(lambda match: f"{match[0]}\u200b", text)


def _open_service(address: str) -> Any:
    """Return what Apprise makes of an address, with what is ours to decide decided."""
    apprise = _require_apprise()
    asset = apprise.AppriseAsset(
        app_id="Vigie", app_desc="Vigie", app_url="", async_mode=False, secure_logging=True,
        http_redirects=False, allow_templates=False, storage_mode="memory", plugin_paths=[],
    )  # fmt: skip
    service = apprise.Apprise.instantiate(address, asset=asset)
    if service is None:
        raise UsageError(
            "apprise_does_not_understand_address",
            "Apprise does not understand this {address} address; see Apprise's documentation for its format",
            address=_scheme(address),
        )
    service.verify_certificate, service.redirects, service.optional = True, False, False
    service.socket_connect_timeout, service.socket_read_timeout = CONNECT_S, READ_S
    service.service_retry, service.overflow_mode = 0, apprise.OverflowMode.SPLIT
    return service


def _require_apprise() -> Any:
    """Return Apprise.

    Raises
    ------
    ConfigError
        If it is not installed, or a proxy is set, behind which nobody sees where a name leads.
    """
    if find_spec("apprise") is None:
        raise ConfigError(
            "apprise_addresses_require_package_apprise",
            "Apprise addresses require the package apprise; run: pip install 'vigie[apprise]'",
        )
    if set(getproxies()) & {"http", "https", "all"}:
        raise ConfigError(
            "apprise_does_not_work_behind",
            "Apprise does not work behind a proxy: unset HTTP_PROXY, HTTPS_PROXY and ALL_PROXY",
        )
    return _load_apprise()


@cache
def _load_apprise() -> Any:
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.WARNING)
    log.addHandler(_CaptureHandler(logging.WARNING))
    # It writes whole addresses, tokens within.
    logging.getLogger("urllib3.connectionpool").addFilter(lambda _record: confinement() is None)
    return import_module("apprise")


class _LogCapture(threading.local):
    lines: list[str] | None = None


_CAPTURE: Final = _LogCapture()


class _CaptureHandler(logging.Handler):
    """Keeps what Apprise says for the thread that asked; nothing of it is written anywhere."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        if _CAPTURE.lines is not None:
            _CAPTURE.lines.append(record.getMessage())


async def _run_in_thread(work: Callable[[], None]) -> None:
    """Do what blocks in a thread of its own, which nobody waits for once its time is over."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def settle(fault: BaseException | None) -> None:
        if not future.done():
            future.set_exception(fault) if fault else future.set_result(None)

    def run() -> None:
        fault: BaseException | None = None
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told to who waits
            fault = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, fault)

    threading.Thread(target=run, name="vigie-apprise", daemon=True).start()
    await future
