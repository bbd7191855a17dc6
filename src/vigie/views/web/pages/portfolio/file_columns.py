"""Which column of a file is which: its headers as choices, words for kinds, and all that a choice lacks at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vigie.domain.pasted_secrets import refuse_secrets
from vigie.domain.refusal import Refusal
from vigie.services.holdings.column_words import header_choices, proposed_columns
from vigie.services.holdings.file_readers import has_reader
from vigie.services.holdings.file_table import normal
from vigie.services.holdings.kind_words import IN_KINDS, OUT_KINDS, TRADE_KINDS, words_for
from vigie.services.holdings.own_columns import NEEDED
from vigie.views.web.form_responses import FormFaults
from vigie.views.web.pages.portfolio.file_fields import COLUMN, named_in


def column_values(language: str) -> dict[str, object]:
    """Return what the page needs to offer columns: the headers of a text, and a language's words for kinds of rows."""
    kinds = {"trade": TRADE_KINDS, "in": IN_KINDS, "out": OUT_KINDS}
    return {
        "headers_of": _choices,
        "proposed_of": _proposed,
        "kind_words": {name: words_for(group, language) for name, group in kinds.items()},
    }


def _choices(text: str) -> list[tuple[str, str]]:
    return [(header, header) for header in header_choices(text)]


def _proposed(text: str, imported: Mapping[str, str]) -> Mapping[str, str]:
    """Return the header of each field that is evident, as long as nothing was chosen and no reader knows the file."""
    if named_in(imported, COLUMN) or has_reader(text):
        return {}
    return proposed_columns(header_choices(text))


def refuse_columns(text: str, imported: Mapping[str, str]) -> None:
    """Refuse a choice of columns with all that it lacks; where none is chosen, a reader may know the file.

    Raises
    ------
    FormFaults
        If a needed column is not chosen, or the file has no such header.
    """
    # First, because what is refused stays in the form.
    refuse_secrets(imported.values())
    chosen = named_in(imported, COLUMN)
    if not chosen:
        return
    there = {normal(header) for header in header_choices(text)}
    faults: list[tuple[str, str]] = [
        (f"{COLUMN}{name}", _MISSING[name]) for name in NEEDED if name not in chosen
    ]
    faults += [(f"{COLUMN}{name}", _ABSENT) for name, header in chosen.items() if normal(header) not in there]
    faults += _money_faults(
        chosen, may_lack_currency=bool(imported.get("currency")) or _has_currency_signs(text)
    )
    if faults:
        raise FormFaults(faults)


def _has_currency_signs(text: str) -> bool:
    """Tell whether a currency may stand beside the numbers of a file: its rows are then looked at one by one."""
    return any(sign in text for sign in ("€", "$", "£"))


def _money_faults(chosen: Mapping[str, str], *, may_lack_currency: bool) -> Sequence[tuple[str, str]]:
    needs = (
        ("amount", ("currency",), "currency", _NO_CURRENCY),
        ("unit_price", ("currency",), "currency", _NO_CURRENCY),
        ("fee", ("currency", "fee_coin"), "fee_coin", _NO_FEE_COIN),
        ("to_quantity", ("to_coin",), "to_coin", _NO_TO_COIN),
    )
    found = [
        (f"{COLUMN}{field}", said)
        for name, any_of, field, said in needs
        if name in chosen
        and not (may_lack_currency and "currency" in any_of)
        and not any(one in chosen for one in any_of)
    ]
    # The currency of the amounts is that of the fee, too, and both kinds of amounts lack the same one.
    lacks_currency = any(said is _NO_CURRENCY for _, said in found)
    return list(dict.fromkeys(fault for fault in found if not lacks_currency or fault[1] is not _NO_FEE_COIN))


_MISSING: Final[Mapping[str, Refusal]] = {
    "time": Refusal("import_map_no_time", "choose the column of the day or time"),
    "kind": Refusal("import_map_no_kind", "choose the column that says what happened"),
    "coin": Refusal("import_map_no_coin", "choose the column of the coin"),
    "quantity": Refusal("import_map_no_quantity", "choose the column of the quantity"),
}
_ABSENT: Final = Refusal("import_map_absent", "the file has no such column; choose one of its own")
_NO_CURRENCY: Final = Refusal(
    "import_map_no_currency",
    "an amount needs its currency: choose its column, or EUR or USD for all amounts",
)
_NO_FEE_COIN: Final = Refusal(
    "import_map_no_fee_coin", "a fee needs the column of its coin, or of the currency"
)
_NO_TO_COIN: Final = Refusal(
    "import_map_no_to_coin", "a quantity received needs the column of the coin received"
)
