"""How pages answer forms: on to another address, or the page again with what must be corrected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from vigie.domain.errors import Conflict, Forbidden, NotFound, UsageError
from vigie.domain.pasted_secrets import PastedSecret, refuse_secrets
from vigie.services.text_encoding import encoding_note
from vigie.views.web.forms import ENCODING, REFUSED
from vigie.views.web.page import Page
from vigie.views.web.rendering import render_page
from vigie.views.web.request_context import RequestContext


class ImportPlan(Protocol):
    """What a file would add, or has added."""

    @property
    def is_done(self) -> bool:
        """Whether it was added."""
        ...


Plan = TypeVar("Plan", bound=ImportPlan)


# Of other refusals 400, also where a form names something that does not exist: the page of the form does.
_STATUSES: Final[Mapping[type[UsageError], int]] = {Conflict: 409, Forbidden: 403}
# What parts cells, and texts of XML.
_BETWEEN: Final = re.compile(r"[,;\t\r\n\"<>]+")
# A transaction's hash is as long as a key; which one it is, only its column says.
_HASH: Final = re.compile(r"(?:0[xX])?[0-9a-fA-F]{64}")


class FormFaults(UsageError):
    """Several faults of one form.

    Parameters
    ----------
    faults : sequence of (str, str)
        The field of each, and its refusal.
    """

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(faults[0][1])
        self.faults = tuple(faults)


class UnfilledPage(HTMLResponse):
    """A page that was drawn again without what was typed: that is put in before it is sent."""


class PreviewPage(HTMLResponse):
    """A page that shows what a form comes to; nothing was done, and what was typed may be shown again."""


def redirect(path: str, **query: Any) -> Response:
    """Lead on to another address after a form was taken."""
    return RedirectResponse(f"{path}?{urlencode(query)}" if query else path, 303)


def render_form_error(
    context: RequestContext, page: Page, values: Mapping[str, Any], fault: UsageError, field: str = ""
) -> Response:
    """Show the page again with what was wrong beside what was given."""
    status = next((status for kind, status in _STATUSES.items() if isinstance(fault, kind)), 400)
    errors = [(name, str(said)) for name, said in fault.faults] if isinstance(fault, FormFaults) else []
    template_values = {**values, "errors": errors or [(field, str(fault))]}
    return HTMLResponse(render_page(context, page, template_values), status)


def render_uncached(context: RequestContext, page: Page, values: Mapping[str, Any]) -> Response:
    """Show something that is shown once, such as a new token; no copy of it is kept anywhere."""
    return HTMLResponse(render_page(context, page, values), headers={"Cache-Control": "no-store"})


def render_preview(context: RequestContext, page: Page, values: Mapping[str, Any]) -> Response:
    """Show what a form comes to, without doing it; no copy of it is kept anywhere."""
    return PreviewPage(render_page(context, page, values), headers={"Cache-Control": "no-store"})


def handle_form(
    context: RequestContext,
    page: Page,
    work: Callable[[], Response],
    values: Callable[[RequestContext], Mapping[str, Any]],
    field: str = "",
) -> Response:
    """Do what a form asks for; where it is refused, show the page again with the reason.

    Raises
    ------
    NotFound
        If what the form is about is not there.
    """
    try:
        return work()
    except NotFound:
        raise
    except UsageError as fault:
        error_page = render_form_error(context, page, values(context), fault, field)
        return UnfilledPage(error_page.body, error_page.status_code) if values is page.show else error_page


def _add(add: Callable[[str, bool], Plan], text: str, *, is_dry: bool) -> Plan:
    try:
        return add(text, is_dry)
    except PastedSecret:
        raise
    except UsageError:
        # Refused before anyone looked into its cells: the page would show them again.
        refuse_secrets(cell for cell in _BETWEEN.split(text) if not _HASH.fullmatch(cell.strip()))
        raise


def handle_file(
    context: RequestContext,
    page: Page,
    show: Callable[[RequestContext], Mapping[str, object]],
    form: Mapping[str, str],
    imported: Mapping[str, str],
    add: Callable[[str, bool], Plan],
    done: Callable[[Plan], Response],
) -> Response:
    """Show what a file would add, and add it once that was seen; refused, what was typed stays, but for a secret.

    Parameters
    ----------
    show : callable
        What the page shows without a file.
    form : mapping of str to str
        A file, or the lines that were pasted or seen before, and whether they are to be added.
    imported : mapping of str to str
        Of the form, what says how the file is meant.
    add : callable
        Takes the text and whether it is a dry run.
    done : callable
        Where it leads once the lines are added.
    """
    text = form.get("file", "") or form.get("text", "")
    told = {"text": text, "imported": imported, "encoding": encoding_note(form.get(ENCODING, ""))}

    def values(context: RequestContext) -> Mapping[str, object]:
        return {**show(context), **told}

    def work() -> Response:
        if form.get(REFUSED):
            raise UsageError(form[REFUSED])
        if not text.strip():
            raise UsageError("choose_file_paste_lines_first", "choose a file or paste its lines first")
        try:
            plan = _add(add, text, is_dry="sure" not in form)
        except PastedSecret:
            told.update(text="", imported={})
            raise
        return (
            done(plan) if plan.is_done else render_uncached(context, page, {**values(context), "plan": plan})
        )

    return handle_form(context, page, work, values, "file" if form.get(REFUSED) else "text")
