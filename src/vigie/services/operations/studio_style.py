"""The house style of the caller's boards: read, and kept with a way to take it back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from pydantic import Field

from vigie.domain.errors import Forbidden
from vigie.domain.person import VISITOR, Caller
from vigie.ports.accounts import UserStore
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation
from vigie.services.people.ownership import owner_of
from vigie.services.studio.logo import logo_of
from vigie.services.studio.readability import check_colours, colour_of, derived_colours, line_colours
from vigie.services.studio.style import GROUND, INK, PLAIN, SERIES, FontChoice, HouseStyle, NumberStyle
from vigie.services.written_text import PARAGRAPHS

LONGEST_NAME: Final = 60
# Of base64; a longer one is refused by its bytes.
_LONGEST_LOGO: Final = 400_000


class SaveStyleInput(OperationInput):
    """A house style, which replaces the stored one; fields left out get the shipped values."""

    colours: list[str] = Field(
        default_factory=list, max_length=len(SERIES), description="Of lines, such as #1155cc; empty: shipped."
    )
    ground: str = Field(GROUND, max_length=20, description="Of the sheet.")
    ink: str = Field(INK, max_length=20, description="Of what is written.")
    font: FontChoice = Field(
        "inter", description="Inter; Arimo, as Arial; Tinos, as Times. It travels with pictures and embeds."
    )
    name: str = Field("", max_length=LONGEST_NAME, pattern=PARAGRAPHS, description="Stands at the head.")
    numbers: NumberStyle = Field("", description="Whose decimal marks; empty: of the board's language.")
    language: NumberStyle = Field("", description="Of new boards; empty: that of the pages.")
    logo: str | None = Field(
        None, max_length=_LONGEST_LOGO, description="PNG as base64; null keeps it, empty takes it away."
    )
    revision: int | None = Field(
        None, ge=0, description="The revision that you read; another one is refused."
    )


class StyleResult(OperationResult):
    """A house style: as it was chosen, and every colour that follows."""

    revision: int
    chosen: list[str]
    style: HouseStyle


@operation("studio.style")
def read_style(caller: Caller, params: NoInput, accounts: UserStore) -> StyleResult:
    """Read how the caller's boards look: colours, font, name, logo, number format."""
    return _read_style(accounts, owner_of(accounts, caller))


@operation(
    "studio.save_style", scope="write", example={"colours": ["#0b4a94", "#8a3b00"], "name": "The Newsroom"}
)
def save_style(caller: Caller, params: SaveStyleInput, accounts: UserStore) -> StyleResult:
    """Keep how the caller's boards look; colours that cannot be read are refused."""
    if caller.user == VISITOR.user:
        raise Forbidden("sign_save_house_style", "sign in to save a house style")
    colours = [colour_of(colour) for colour in params.colours]
    ground, ink = colour_of(params.ground), colour_of(params.ink)
    check_colours(colours, ground, ink)
    values: dict[str, Any] = {
        "colours": colours, "ground": ground, "ink": ink, "font": params.font, "name": params.name.strip(),
        "numbers": params.numbers, "language": params.language,
    }  # fmt: skip
    logo = logo_of(params.logo) if params.logo else None
    accounts.put_settings(key_of(caller.user), values, revision=params.revision)
    if params.logo is not None:
        # Apart, so that the past of a style does not hold the logo with every change; None takes a key away.
        accounts.put_settings(logo_key_of(caller.user), {"logo": asdict(logo) if logo else None})
    return _read_style(accounts, caller.user)


def style_of(accounts: UserStore, user: str) -> HouseStyle:
    """Return how somebody's boards look."""
    return _read_style(accounts, user).style


def key_of(user: str) -> str:
    """Return the name under which the accounts keep somebody's house style; it begins with the person's."""
    return f"{user}/house_style"


def logo_key_of(user: str) -> str:
    """Return the name under which the accounts keep somebody's logo."""
    return f"{user}/house_logo"


def _read_style(accounts: UserStore, user: str) -> StyleResult:
    revision, stored = accounts.settings(key_of(user))
    logo = accounts.settings(logo_key_of(user))[1].get("logo") or {}
    chosen = list(stored.get("colours", ()))
    ground, ink = stored.get("ground", GROUND), stored.get("ink", INK)
    muted, rule, axis = derived_colours(ground, ink)
    style = HouseStyle(
        colours=line_colours(chosen, ground, ink), ground=ground, ink=ink, muted=muted, rule=rule, axis=axis,
        font=stored.get("font", PLAIN.font), name=stored.get("name", ""), numbers=stored.get("numbers", ""),
        language=stored.get("language", ""), logo=logo.get("data", ""),
        logo_width=logo.get("width", 0), logo_height=logo.get("height", 0),
    )  # fmt: skip
    return StyleResult(revision=revision, chosen=chosen, style=style)


__all__ = ["LONGEST_NAME", "key_of", "logo_key_of", "read_style", "save_style", "style_of"]
