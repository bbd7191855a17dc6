"""What a text of an input must look like, in words: people are not shown a regular expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigie.domain.refusal import Refusal
from vigie.services.written_text import LINE, PARAGRAPHS, TAG, TEXT

# `p[0-9a-f]{16}`, with a count or a range of counts.
_ID: Final = re.compile(r"([a-z]?)\[0-9a-f\]\{(?:1,)?(\d+)\}")
_NAME: Final = re.compile(r"\[a-z\]\[a-z0-9(_-|_|-)\](?:\{0,(\d+)\}|\*)")
_OPTIONAL: Final = re.compile(r"\((?P<inner>.*)\)\?|(?P<either>.*)\$\|\^")

# What stands for itself, by its expression without the ends.
_FORMS: Final[Mapping[str, Refusal]] = {
    "p[A-Za-z0-9_-]{16}": Refusal(
        "form_plan", "an id of a plan: p and 16 characters, A-Z, a-z, 0-9, - and _"
    ),
    "e[A-Za-z0-9_-]{16}": Refusal(
        "form_holding_line", "an id of a line of holdings: e and 16 characters, A-Z, a-z, 0-9, - and _"
    ),
    "(coin|org|person|law|country):[a-z0-9][a-z0-9._-]{0,79}": Refusal(
        "form_entity", "an id such as coin:bitcoin or org:sec"
    ),
    r"\d{4}-W\d{2}": Refusal("form_week", "a week such as 2026-W05"),
    r"\d{4}-\d{2}-\d{2}": Refusal("form_day", "a day such as 2026-01-31"),
    r"([01]\d|2[0-3]):[0-5]\d": Refusal("form_time", "a time of day such as 08:00"),
    r"(0([.,]\d{1,2})?|1([.,]0{1,2})?)": Refusal(
        "form_weight", "a number from 0 to 1 with at most two decimals"
    ),
    r"\d{1,12}(\.\d{1,8})?": Refusal("form_money", "an amount such as 1500 or 1500.25, without a sign"),
    r"([1-9]\d?|100)": Refusal("form_per_cent", "a whole number from 1 to 100"),
    r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday|[1-9]|1\d|2[0-8])": Refusal(
        "form_letter_day", "monday to sunday, or a day of the month from 1 to 28"
    ),
    r"\d{1,2}": Refusal("form_count", "a whole number from 0 to 99"),
    **dict.fromkeys(
        (r"\d*", r"\d{0,6}", r"[1-9]\d*", r"\d{1,15}-\d{1,15}"),
        Refusal("form_cursor", "the position that the page before names as next"),
    ),
    r"[A-Za-z0-9_+\-/]*": Refusal("form_zone", "a time zone such as Europe/Paris"),
    "[a-z]{2}": Refusal("form_language", "a language of two letters such as en or fr"),
    "[A-Z2-7]+": Refusal("form_secret", "a key of capital letters and digits 2-7"),
    r"https://[a-z0-9.-]{1,200}\.example(/[^\s?#]*)?": Refusal(
        "form_example_link", "an address such as https://news.example/story"
    ),
    "VIGIE_MAIL_[A-Z0-9_]{1,60}_KEY": Refusal("form_mail_key", "a name such as VIGIE_MAIL_OFFICE_KEY"),
    "[A-Za-z0-9_.%+&=:~-]*": Refusal("form_query", "a search as in an address, such as q=etf&tier=regulator"),
    "[a-z][a-z0-9_]{1,39}": Refusal(
        "form_model_name", "a name of 2 to 40 characters, a-z, 0-9 and _, that begins with a letter"
    ),
    "[a-z0-9_/, ]+": Refusal(
        "form_models", "names such as btc_day, with a version as in btc_day/2 and commas between them"
    ),
    "[a-z0-9_.,]*": Refusal("form_names", "names with commas between them: a-z, 0-9, _ and ."),
    "[a-z0-9_.,=;]*": Refusal("form_columns", "columns such as markets=price,volume; more tables after ;"),
}


def form_of(pattern: str) -> str:
    """Return what a text must be to match a pattern of an input; empty where there are no words for it.

    Parameters
    ----------
    pattern : str
        The regular expression of a field.
    """
    if pattern in (TEXT, LINE, PARAGRAPHS, TAG):
        return _written_form(pattern)
    core = pattern.removeprefix("^").removesuffix("$")
    optional = _OPTIONAL.fullmatch(core)
    if optional is not None:
        form = form_of(optional["inner"] or optional["either"] or "")
        return Refusal("form_or_empty", "{form}, or empty", form=form) if form else ""
    if found := _ID.fullmatch(core):
        return _id_form(found[1], int(found[2]), is_range="{1," in core)
    if found := _NAME.fullmatch(core):
        return Refusal(
            "form_name",
            "a name of at most {count} characters that starts with a letter: a-z, 0-9 and {more}",
            count=int(found[2] or 60) + 1,
            more=" ".join(found[1]),
        )
    return _other_form(core)


def _written_form(pattern: str) -> str:
    if pattern == TAG:
        return Refusal("form_tag", "words of 1 to 40 visible characters, without commas")
    if pattern == TEXT:
        return Refusal("form_text", "a text on one line with visible characters only")
    if pattern == LINE:
        return Refusal("form_line", "a text on one line with visible characters only, or empty")
    return Refusal("form_paragraphs", "a text with visible characters only")


def _id_form(prefix: str, count: int, *, is_range: bool) -> str:
    if not prefix:
        return Refusal("form_id", "an id of {count} characters: 0-9 and a-f", count=count)
    if is_range:
        return Refusal(
            "form_id_up_to",
            "an id: {prefix} and 1 to {count} characters, 0-9 and a-f",
            prefix=prefix,
            count=count,
        )
    return Refusal(
        "form_id_after", "an id: {prefix} and {count} characters, 0-9 and a-f", prefix=prefix, count=count
    )


def _other_form(core: str) -> str:
    if "=-?" in core:
        return Refusal("form_values", "names and numbers such as price=1.5, with commas between them")
    return _FORMS.get(core, "")
