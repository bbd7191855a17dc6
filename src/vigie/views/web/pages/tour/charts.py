"""The five pictures of the tour on one page: drawings of the same parts that its steps lead to, as they are now."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from vigie.domain.person import VISITOR
from vigie.drawing.frame import Frame, text_element, wrap_chart
from vigie.drawing.text_metrics import wrap_lines
from vigie.services.operations.asset_charts import Chart
from vigie.views.web.pages.asset.charts import price_drawing
from vigie.views.web.pages.story.charts import chart_description, spread_chart
from vigie.views.web.request_context import RequestContext
from vigie.views.web.tour import TourMove, TourStep

POINTS: Final = 160
# A card of words, in its own units: as wide as a phone's column.
WIDTH, HEIGHT, MARGIN, LINE, SIZE, MOST_LINES = 288, 136, 16, 20, 12.5, 5


def step_pictures(context: RequestContext, steps: tuple[TourStep, ...], move: TourMove) -> list[Markup]:
    """Return a drawing for each step."""
    today, chart, story, own, bell = steps
    return [
        _price(context, today, move, "24h"),
        _price(context, chart, move, "1w"),
        _story(context, story, move),
        _own(context, own),
        _card(context, bell, [_unread(context)]),
    ]


def _price(context: RequestContext, step: TourStep, move: TourMove, span: str) -> Markup:
    """Return the price of the asset over a span."""
    chart: Chart = context.call("assets.chart", asset=move.asset, range=span, points=POINTS)
    if not chart.bars:
        return _card(context, step, [context.text("No bars for %(name)s") % {"name": move.name}])
    return price_drawing(context, f"tour-{step.number}", chart)


def _story(context: RequestContext, step: TourStep, move: TourMove) -> Markup:
    """Return how a story spread; of one that nobody took up, and of the first of a list, its title."""
    if move.story:
        story = context.call("stories.read", story=move.story, language=context.lang.content_language)
        if len(story.spread) > 1:
            said = chart_description(context, story.spread)
            frame = _frame(context, step, said, context.text("Coverage over time"))
            return Markup(spread_chart(context, story.spread, frame))  # noqa: S704 - words are escaped where they are drawn
        language = next((entry.language for entry in story.spread), "")
        return _mark_language(_card(context, step, [story.title]), language)
    rows = context.call("stories.top", period="1w", limit=1).rows
    if not rows:
        return _card(context, step, [context.text("No stories yet.")])
    return _mark_language(_card(context, step, [rows[0]["title"]]), rows[0]["language"])


def _mark_language(card: Markup, language: str) -> Markup:
    """Return a card whose words are as a publisher wrote them."""
    return Markup('<div lang="{}">{}</div>').format(language, card) if language else card


def _own(context: RequestContext, step: TourStep) -> Markup:
    """Return what the step of a persona leads to: saved searches, a word, or the newest results."""
    if context.persona == "journalist":
        names = [row["name"] for row in context.call("news.searches").rows]
        return _card(
            context, step, names or [context.text("Filter or search, then keep it here under a name.")]
        )
    if context.persona == "beginner":
        rows = context.call("holdings.positions").rows
        owned = [f"{row.name}: {context.lang.digits(row.quantity)} {row.symbol}".strip() for row in rows]
        return _card(
            context,
            step,
            owned
            or [
                context.text(
                    "Write down what you own: a name and a quantity, half a minute. You see what it is worth, what it "
                    "brought, and what it depends on."
                )
            ],
        )
    runs = context.call("backtests.list", kind="backtest", limit=MOST_LINES).rows
    said = [f"{run['title']}: {context.lang.unit(run['total_return'], 'change')}" for run in runs]
    return _card(context, step, said or [context.text("No results yet")])


def _unread(context: RequestContext) -> str:
    is_known = context.caller.user != VISITOR.user
    count = context.call("notifications.count").unread if is_known else 0
    return context.text("%(count)s unread") % {"count": context.lang.number(count, 0)}


def _card(context: RequestContext, step: TourStep, said: list[str]) -> Markup:
    """Return words as a card is drawn: the title of the part, and what stands in it."""
    told = list(dict.fromkeys(said))
    frame = _frame(context, step, " · ".join(told))
    lines: list[str] = []
    for place, words in enumerate(told[:MOST_LINES]):
        # Each has a line at least; what has none left for all of its words ends in a mark, not in the middle.
        room = MOST_LINES - len(lines) - (len(told[:MOST_LINES]) - place - 1)
        lines += wrap_lines(words, SIZE, WIDTH - 2 * MARGIN, max_lines=max(room, 1))
    content = text_element(frame, str(MARGIN), str(MARGIN + LINE // 2), step.title, kind="plot-title")
    content += f'<path class="axis" d="M{MARGIN},{MARGIN + LINE}h{WIDTH - 2 * MARGIN}"/>'
    for place, line in enumerate(lines, 1):
        content += text_element(frame, str(MARGIN), str(MARGIN + LINE // 2 + LINE * place), line)
    return Markup(wrap_chart(frame, content, box=f"0 0 {WIDTH} {HEIGHT}"))  # noqa: S704 - words are escaped where they are drawn


def _frame(context: RequestContext, step: TourStep, said: str, title: str = "") -> Frame:
    lang = context.lang
    return Frame(f"tour-{step.number}", title or step.title, said, language=lang.language, zone=lang.zone)
