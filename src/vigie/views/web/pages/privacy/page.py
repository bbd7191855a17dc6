"""What is kept of people here, why and how long, and the three cookies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.people.accounts.signing_in import LONG_BOUND_MS, LONG_MS, SHORT_BOUND_MS, SHORT_MS
from vigie.views.web.cookies import LOOK
from vigie.views.web.forms import BROWSER
from vigie.views.web.identity import OWNER_DAYS, SESSION
from vigie.views.web.page import Page
from vigie.views.web.request_context import RequestContext


def show(context: RequestContext) -> Mapping[str, Any]:
    """Name the cookies and the spans as the program sets them."""
    settings = {key: value for key, value, _where in context.app_context.settings()}
    return {
        "contact": settings.get("contact", ""),
        "browser": BROWSER,
        "session": context.sign_in.authenticator.cookie if context.sign_in.authenticator else SESSION,
        "look": LOOK,
        "short_hours": SHORT_MS // HOUR_MS,
        "short_days": SHORT_BOUND_MS // DAY_MS,
        "long_days": LONG_MS // DAY_MS,
        "long_bound": LONG_BOUND_MS // DAY_MS,
        "owner_days": OWNER_DAYS,
        "retention": context.call("settings.retention"),
    }


GROUP = "system"
PAGES = (
    Page(
        name="privacy",
        path="/privacy",
        is_in_menu=False,
        title="Privacy and cookies",
        description="What Vigie stores about you, why and how long; the three cookies; your rights.",
        show=show,
        is_public=True,
        folder="privacy",
    ),
)
