"""Addresses of a person's wallets: which host would see them, consent to it, and what lies there beside the lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import Response

from vigie.domain.pasted_secrets import is_untold
from vigie.services.operations.holding_addresses import DEMO_ADDRESS, MOST_ADDRESSES
from vigie.views.web.form_responses import handle_form, redirect, render_uncached
from vigie.views.web.page import Page, pages
from vigie.views.web.request_context import RequestContext

NAME: Final = "portfolio-addresses"
PATH: Final = "/portfolio/addresses"
_LONGEST: Final = 400
_DONE: Final = ("added", "agreed", "removed")


def show(context: RequestContext) -> Mapping[str, object]:
    """Show the addresses that are kept; no host is asked."""
    done = context.query.get("done", "")
    return {
        "addresses": context.call("holdings.addresses").rows,
        "most": MOST_ADDRESSES,
        "demo_address": DEMO_ADDRESS,
        "told": None,
        "label": "",
        "may_write": context.caller.may("write"),
        "done": done if done in _DONE else "",
        "errors": [],
    }


def add(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Keep an address."""
    label = form.get("label", "")[:_LONGEST]
    shown = "" if is_untold(label) else label

    def work() -> Response:
        context.call("holdings.add_address", address=form.get("address", "")[:_LONGEST], label=label)
        return redirect(PATH, done="added")

    # Refused, the page shows the name again and never what was typed as an address: it may be a secret.
    return handle_form(context, pages()[NAME], work, lambda context: {**show(context), "label": shown})


def agree(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Agree to show an address to the host that the page named."""
    host = form.get("host", "")[:_LONGEST]
    return _act(
        context,
        lambda: context.call("holdings.agree_address", holding_address=_id(form), host=host),
        "agreed",
    )


def remove(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Remove an address."""
    return _act(
        context, lambda: context.call("holdings.remove_address", holding_address=_id(form)), "removed"
    )


def read(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Ask the host that was agreed to, and show its answer this once."""

    def work() -> Response:
        told = context.call("holdings.read_address", holding_address=_id(form))
        return render_uncached(context, pages()[NAME], {**show(context), "told": told})

    return handle_form(context, pages()[NAME], work, show)


def add_line(context: RequestContext, form: Mapping[str, str]) -> Response:
    """Add a line of what lies at an address and is in no line yet; its cost is not known."""

    def work() -> Response:
        asked = {name: form.get(name, "")[:_LONGEST] for name in ("coin", "quantity", "place", "new_id")}
        added = context.call("holdings.add", **asked)
        return redirect("/portfolio", **({"batch": added.batch} if added.batch else {"done": "known"}))

    return handle_form(context, pages()[NAME], work, show)


def _act(context: RequestContext, call: Callable[[], object], done: str) -> Response:
    def work() -> Response:
        call()
        return redirect(PATH, done=done)

    return handle_form(context, pages()[NAME], work, show)


def _id(form: Mapping[str, str]) -> str:
    return form.get("address_id", "")[:_LONGEST]


ADDRESSES_PAGE: Final = Page(
    name=NAME,
    path=PATH,
    title="Wallet addresses",
    description="Balances of your Bitcoin and Ethereum addresses beside your lines; no host sees one before you agree.",
    show=show,
    template="addresses.html",
    actions={
        "/portfolio/addresses/add": add,
        "/portfolio/addresses/agree": agree,
        "/portfolio/addresses/remove": remove,
        "/portfolio/addresses/read": read,
        "/portfolio/addresses/line": add_line,
    },
)
