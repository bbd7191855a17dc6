"""A page's form with what somebody typed in its fields; what is hidden, secret or a file stays as the page has it.

Takes pages that this program has drawn; values are escaped as they are put in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape, unescape
from html.parser import HTMLParser
from typing import Final

_FORM: Final = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_VALUE: Final = re.compile(r'\svalue="[^"]*"')
_MARK: Final = re.compile(r"\s(?:checked|selected)(?=[\s>/])")
_KEPT: Final = frozenset(("hidden", "password", "submit", "button", "file", "image", "reset"))
# Fields that say what a form is about; an account is one only where it is hidden: else it is chosen.
SUBJECT: Final = frozenset(("plan", "version", "setup", "rule", "draft", "base"))
_HIDDEN_SUBJECT: Final = SUBJECT | {"account"}
_CHOICES: Final = frozenset(("checkbox", "radio"))


def fill_form(
    page: str, action: str, fields: Mapping[str, str], numbers: Callable[[str], str] = str
) -> tuple[str, int]:
    """Return a page with one form filled in, and how many of its fields were typed into; of several the alike one.

    Parameters
    ----------
    action : str
        Where the form is posted to.
    fields : mapping
        As they were posted; several values of one field with commas between them.
    numbers : callable, optional
        What stands in a field of numbers, by what was typed into it.

    Notes
    -----
    A form about another plan, rule or version than the posted one stays unchanged.
    """
    mark = f'action="{escape(action)}"'
    forms = [form for form in _FORM.finditer(page) if mark in form[0].partition(">")[0]]
    readers = [(form, _FormFiller(fields, numbers)) for form in forms]
    for form, reader in readers:
        reader.feed(form[0])
        reader.close()
    if not readers:
        return page, 0
    # A list has a form a row: its hidden fields say of which row it is.
    form, reader = min(readers, key=lambda pair: pair[1].mismatches)
    if reader.is_other:
        return page, 0
    return page[: form.start()] + "".join(reader.parts) + page[form.end() :], reader.count


class _FormFiller(HTMLParser):
    """Writes a form again; `mismatches` counts hidden fields that held something else when it was sent.

    `is_other` tells whether a field that identifies the form's subject differs, or is missing from the page.
    """

    def __init__(self, fields: Mapping[str, str], numbers: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.count = self.mismatches = 0
        self._is_other, self._names = False, set[str]()
        self._fields, self._numbers = fields, numbers
        self._select = ""
        self._in_text = False

    @property
    def is_other(self) -> bool:
        return self._is_other or any(self._fields.get(name) for name in SUBJECT - self._names)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw, attributes = self.get_starttag_text() or "", {name: value or "" for name, value in attrs}
        name = attributes.get("name", "")
        self._names.add(name)
        if tag == "input":
            raw = self._fill_input(raw, name, attributes)
        elif tag == "select":
            self._select = name if name in self._fields else ""
            self.count += bool(self._select)
        elif tag == "option" and self._select:
            chosen = self._fields[self._select]
            is_chosen = attributes.get("value", "") in (chosen, *chosen.split(","))
            raw = _mark_tag(raw, "selected" if is_chosen else "")
        self.parts.append(raw)
        if tag == "textarea" and name in self._fields:
            self.count += 1
            self._in_text = True
            # The first line break of a text is none of its own.
            self.parts.append("\n" + escape(self._fields[name]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._select = "" if tag == "select" else self._select
        self._in_text = False if tag == "textarea" else self._in_text
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._copy(data)

    def handle_entityref(self, name: str) -> None:
        self._copy(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._copy(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._copy(f"<!--{data}-->")

    def _copy(self, raw: str) -> None:
        if not self._in_text:
            self.parts.append(raw)

    def _fill_input(self, raw: str, name: str, attributes: Mapping[str, str]) -> str:
        kind = attributes.get("type", "text").lower()
        if kind == "hidden" and name in self._fields:
            is_other = unescape(attributes.get("value", "")) != self._fields[name]
            self.mismatches += is_other
            self._is_other |= is_other and name in _HIDDEN_SUBJECT
        if kind in _KEPT or not name:
            return raw
        if kind in _CHOICES:
            sent = self._fields.get(name, "").split(",") if name in self._fields else []
            self.count += name in self._fields
            return _mark_tag(raw, "checked" if attributes.get("value", "on") in sent else "")
        if name not in self._fields:
            return raw
        self.count += 1
        value = self._fields[name]
        if attributes.get("inputmode") == "decimal" or "data-numbers" in attributes:
            value = self._numbers(value)
        return f'{_strip_tag_end(_VALUE.sub("", raw))} value="{escape(value)}">'


def _strip_tag_end(raw: str) -> str:
    return raw.removesuffix(">").removesuffix("/").rstrip()


def _mark_tag(raw: str, word: str) -> str:
    bare = _strip_tag_end(_MARK.sub("", raw))
    return f"{bare} {word}>" if word else f"{bare}>"
