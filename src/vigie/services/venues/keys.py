"""Keys of accounts: taken only where they cannot move money away."""

from __future__ import annotations

from vigie.domain.errors import Forbidden
from vigie.ports.keys import KeyStore, VenueKey
from vigie.ports.trading import KeyRights, TradingVenue


async def add_key(store: KeyStore, key: VenueKey, venue: TradingVenue) -> KeyRights:
    """Ask the venue what a key may do, and keep it.

    Raises
    ------
    Forbidden
        If it may withdraw, or may not trade.
    AuthError, TransientError, ConnectorError
        If the venue refuses it or cannot be asked: a key that nobody checked is not kept.
    """
    rights = check_rights(await venue.rights(), key.label.exchange)
    store.put(key)
    return rights


def check_rights(rights: KeyRights, exchange: str) -> KeyRights:
    """Return the rights of a key that may be used.

    Raises
    ------
    Forbidden
        If it may withdraw, or may not trade.
    """
    if rights.can_withdraw:
        raise Forbidden(
            "key_withdraw_money",
            "this key can withdraw money from {exchange}, which Vigie never needs; create one at the "
            "venue that can only trade futures, and delete this one there",
            exchange=exchange,
        )
    if not rights.can_read or not rights.can_trade:
        raise Forbidden(
            "key_cannot_read_trade_futures",
            "this key cannot read and trade futures at {exchange}; give it these permissions at the venue",
            exchange=exchange,
        )
    return rights
