"""Who uses Vigie and what they may do."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.errors import Forbidden

Role = Literal["viewer", "trader", "admin"]
Scope = Literal["read", "write", "trade", "admin"]
Persona = Literal["trader", "journalist", "beginner"]

ROLES: Final[tuple[Role, ...]] = ("viewer", "trader", "admin")
SCOPES: Final[tuple[Scope, ...]] = ("read", "write", "trade", "admin")
_VISITOR: Final = "visitor"
PERSONAS: Final[tuple[Persona, ...]] = ("trader", "journalist", "beginner")
# What each role may do; a token holds at most what its owner's role allows.
SCOPES_OF: Final[dict[Role, frozenset[Scope]]] = {
    "viewer": frozenset({"read", "write"}),
    "trader": frozenset({"read", "write", "trade"}),
    "admin": frozenset({"read", "write", "trade", "admin"}),
}


def name_key(name: str) -> str:
    """Return what names of people are compared by: keyboards compose accents differently.

    Parameters
    ----------
    name : str
        As typed; spaces around it are dropped.

    Returns
    -------
    str
        Composed (NFC) and case-folded; accents count.
    """
    return unicodedata.normalize("NFC", name.strip()).casefold()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a signed-in person, a token, or the local owner.

    Attributes
    ----------
    user : str
        Pseudonymous id; ``owner`` for the local owner while there are no users.
    role : Role
    scopes : frozenset of Scope
        What this caller may do now.
    via : str
        ``session``, ``token``, ``link`` or ``command``.
    language : str
        Of the page that an answer is for; empty for programs.
    """

    user: str
    role: Role
    scopes: frozenset[Scope]
    via: str = "session"
    language: str = ""

    def may(self, scope: Scope) -> bool:
        """Tell whether the caller holds a scope.

        Parameters
        ----------
        scope : Scope
            One of `SCOPES`.

        Returns
        -------
        bool
            Of this caller now, which may be less than the role allows.
        """
        return scope in self.scopes

    def require(self, scope: Scope) -> None:
        """Refuse a caller who does not hold a scope.

        Parameters
        ----------
        scope : Scope
            One of `SCOPES`.

        Raises
        ------
        Forbidden
            With the scope, and how to get it.
        """
        if self.may(scope):
            return
        if self.via == "session" and self.user != _VISITOR:
            raise Forbidden(
                "requires_scope",
                "this requires the scope {scope}, which your role does not have; ask your administrator",
                scope=scope,
            )
        raise Forbidden(
            "requires_scope_sign",
            "you are not signed in here, and this requires the scope {scope}; sign in, or use a token that has it",
            scope=scope,
        )


OWNER: Final = Caller("owner", "admin", SCOPES_OF["admin"], "command")
VISITOR: Final = Caller(_VISITOR, "viewer", frozenset({"read"}), "session")
