"""The drawing of a preview: how many alerts each of its days would have had."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from vigie.views.web.request_context import RequestContext

_HEIGHT: Final = 40
_STEP: Final = 8


def days_drawing(context: RequestContext, per_day: Sequence[int]) -> Markup:
    """Return a bar for each day, oldest first, as SVG; nothing where there is none to draw."""
    most = max(per_day, default=0)
    if not most:
        return Markup("")
    width = len(per_day) * _STEP
    bars = "".join(
        f"M{day * _STEP + 1} {_HEIGHT}v-{max(2.0, count / most * _HEIGHT):.3g}h{_STEP - 2}V{_HEIGHT}z"
        for day, count in enumerate(per_day)
        if count
    )
    text = context.text("Alerts per day, the last %(days)s days: on %(with)s of them, at most %(most)s a day.") % {
        "days": len(per_day), "with": sum(count > 0 for count in per_day), "most": most,
    }  # fmt: skip
    drawing = (
        '<svg class="days" viewBox="0 0 {w} {h}" preserveAspectRatio="none" role="img" aria-label="{text}">'
        '<path class="days-base" d="M0 {h}H{w}"/><path d="{bars}"/></svg>'
    )
    return Markup(drawing).format(w=width, h=_HEIGHT, text=text, bars=bars)  # noqa: S704 - a literal; what it is given is escaped
