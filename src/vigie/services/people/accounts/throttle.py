"""Failed sign-ins make the next one wait, longer each time.

Three counts, each with its own purpose:

name and address   guessing one password from one place; people behind the same address do not wait for each other
name alone         guessing one password from many places; short, so that its owner is never kept out for long
address alone      trying many names from one place; it counts names, not attempts
"""

from __future__ import annotations

import hashlib
import ipaddress
from functools import partial
from typing import Final, Protocol

from vigie.domain.person import name_key
from vigie.ports.accounts import UserStore
from vigie.ports.clock import Clock

MEMORY_MS: Final = 3_600_000
# Free attempts under a name, and free names under an address; then a second, two, four, up to the longest wait.
FREE_OF_NAME, FREE_OF_ADDRESS = 4, 12
# A name's is short: whoever fails on purpose must not keep its owner out for long.
LONGEST_OF_NAME_S, LONGEST_OF_ADDRESS_S = 120, 900
_V6_NETWORK: Final = 64


class _Count(Protocol):
    def __call__(self, *, since_ms: int) -> int: ...


def wait_s(accounts: UserStore, clock: Clock, *, name: str, address: str) -> int:
    """Return at most how many seconds to wait before the next attempt; 0 when it may be now."""
    of_name = partial(accounts.failures, _name_key(name))
    waits = [_wait_seconds(of_name, clock, FREE_OF_NAME, LONGEST_OF_NAME_S)]
    if address:
        of_pair = partial(accounts.failures, _pair_key(name, address))
        failed_names = partial(accounts.failed_keys, _address_key(address))
        waits.append(_wait_seconds(of_pair, clock, FREE_OF_NAME, LONGEST_OF_ADDRESS_S))
        waits.append(_wait_seconds(failed_names, clock, FREE_OF_ADDRESS, LONGEST_OF_ADDRESS_S))
    return max(waits)


def note_failure(accounts: UserStore, *, name: str, address: str) -> None:
    """Count a failure under the name, and under the name at this address."""
    accounts.note_failure(_name_key(name))
    if address:
        accounts.note_failure(_pair_key(name, address))


def forget(accounts: UserStore, *, name: str, address: str = "") -> None:
    """Forget the failures of a name after its success; at other addresses its failures still count."""
    accounts.forget_failures(_name_key(name))
    if address:
        accounts.forget_failures(_pair_key(name, address))


def use_allowance(accounts: UserStore, clock: Clock, key: str, limit: int) -> bool:
    """Take one of so many things that somebody may have done in an hour; False where there is none left.

    It is taken before it is counted: who asks many times at once gets no more than who asks one after the other.
    """
    since = clock.wall_now() - MEMORY_MS
    if accounts.failures(key, since_ms=since) >= limit:
        return False
    accounts.note_failure(key)
    return accounts.failures(key, since_ms=since) <= limit


def _wait_seconds(count: _Count, clock: Clock, free: int, longest: int) -> int:
    now = clock.wall_now()
    failures = count(since_ms=now - MEMORY_MS)
    if failures < free:
        return 0
    pause = min(2 ** min(failures - free, 20), longest)
    return pause if count(since_ms=now - pause * 1_000 + 1) else 0


def _name_key(name: str) -> str:
    return _hash(f"name {name_key(name)}")


def _pair_key(name: str, address: str) -> str:
    # Begins with the address' key, so that the names that failed there can be counted.
    return _address_key(address) + _name_key(name)


def _address_key(address: str) -> str:
    """Return an address' key; of version 6, one person has a whole network."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return _hash(f"address {address}")
    if ip.version == 6:
        if ip.ipv4_mapped is not None:
            return _hash(f"address {ip.ipv4_mapped}")
        return _hash(f"address {ipaddress.ip_network((ip.packed, _V6_NETWORK), strict=False)}")
    return _hash(f"address {ip}")


def _hash(text: str) -> str:
    # Neither names nor addresses of people lie around in a table of failures.
    return hashlib.sha256(text.encode()).hexdigest()[:32]
