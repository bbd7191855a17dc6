"""A platform's yearly statement as XML in the CARF schema: its figures, as rows of the CSV form.

Element names and codes are those of `CARFXML_v1.5.xsd` of the OECD, as the public program *aeoi* 0.0.1 has them in
classes that were generated from it. Namespaces do not matter, so that a national form with the same elements is read.
Names, addresses and tax numbers in the file are neither looked at nor kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from vigie.domain.errors import UsageError
from vigie.services.holdings.file_table import FileTable

_HEADERS: Final = (
    "platform", "year", "asset", "category", "type", "units", "amount", "currency", "transactions",
)  # fmt: skip
_TYPES: Final = ("ExchangeType", "TransferType", "AltValuation")
_DELETION: Final = ("OECD3", "OECD13")
_TEST: Final = ("OECD10", "OECD11", "OECD12")


def is_xml(text: str) -> bool:
    """Tell whether a file is XML: no table begins so.

    Parameters
    ----------
    text : str
        The file.

    Returns
    -------
    bool
    """
    return text[:200].lstrip("\ufeff \t\r\n").startswith("<")


def read_carf(text: str, place: str) -> FileTable:
    """Read the figures of a statement, in the order of the file.

    Parameters
    ----------
    text : str
        XML.
    place : str
        The platform that a person named; where it is empty, it is the one that the file names.

    Returns
    -------
    FileTable
        With the headers of the CSV form; its lines number the figures from 1.

    Raises
    ------
    UsageError
        If it is no such file, reports several users, is a test, or takes a statement back.
    """
    root = _root(text)
    bodies = _children(root, "CARFBody")
    if not bodies:
        raise UsageError("reported_not_carf", "the file is XML, but no statement in the CARF schema")
    users = [(body, user) for body in bodies for user in _children(body, "CryptoUsers")]
    if len(users) > 1:
        raise UsageError(
            "reported_users", "the file reports {count} users; it must be about you alone", count=len(users)
        )
    table = FileTable(list(_HEADERS))
    for body, user in users:
        _check_purpose(user)
        whole = {"platform": "" if place else _platform(body), "year": _year(root)}
        for transactions in _children(user, "RelevantTransactions"):
            # Once for all figures: looked up for each, a hostile file would take hours.
            asset = _text(transactions, "CryptoAsset")
            for figure in transactions:
                if _name(figure) != "CryptoAsset":
                    cells = {**whole, "asset": asset, **_cells(figure)}
                    table.rows.append((len(table.rows) + 1, [cells[header] for header in _HEADERS]))
    return table


def _root(text: str) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import XMLParser

    # Whatever its first line says, the text was UTF-8.
    parser = XMLParser(encoding="utf-8", forbid_dtd=True)
    try:
        parser.feed(text.lstrip("\ufeff \t\r\n").encode())
        root: Element = parser.close()
    except (ParseError, DefusedXmlException, UnicodeEncodeError) as fault:
        raise UsageError("reported_bad_xml", "the file is no complete XML") from fault
    return root


def _check_purpose(user: Element) -> None:
    """Refuse what is no report: nothing of it may stand beside own lines."""
    purposes = {_text(spec, "DocTypeIndic") for spec in _children(user, "DocSpec")}
    if purposes & set(_DELETION):
        raise UsageError(
            "reported_deletion",
            "the platform takes an earlier statement back by this file; remove that statement instead",
        )
    if purposes & set(_TEST):
        raise UsageError("reported_test", "the file says that its figures are a test")


def _cells(figure: Element) -> Mapping[str, str]:
    amount = _only(figure, "Amount")
    return {
        "category": _name(figure),
        "type": " ".join(word for name in _TYPES if (word := _text(figure, name))),
        "units": _text(figure, "NumberofUnits"),
        "amount": _text(figure, "Amount"),
        "currency": "" if amount is None else amount.get("currCode", ""),
        "transactions": _text(figure, "NumberofTransactions"),
    }


def _platform(body: Element) -> str:
    reporting = [
        party for child in _children(body, "RCASP") for who in _children(child, "RCASP_ID") for party in who
    ]
    return next((name for party in reporting if _name(party) == "Entity" for name in _names(party)), "")


def _names(party: Element) -> list[str]:
    """Return the names of a party, which may have several."""
    return [name for child in _children(party, "Name") if (name := (child.text or "").strip())]


def _year(root: Element) -> str:
    """Return the year of the period, which is written as its last day."""
    return next((_text(spec, "ReportingPeriod")[:4] for spec in _children(root, "MessageSpec")), "")


def _children(node: Element, name: str) -> list[Element]:
    return [child for child in node if _name(child) == name]


def _text(node: Element, name: str) -> str:
    found = _only(node, name)
    return "" if found is None else (found.text or "").strip()


def _only(node: Element, name: str) -> Element | None:
    """Return the element of a name; a file that says two things in one place may mean either."""
    found = _children(node, name)
    if len(found) > 1:
        raise UsageError(
            "reported_said_twice",
            "the file says {element} {count} times in one place, which breaks its schema; ask the platform for "
            "another one",
            element=name,
            count=len(found),
        )
    return found[0] if found else None


def _name(node: Element) -> str:
    """Return the name of an element without its namespace."""
    return node.tag.rpartition("}")[2]
