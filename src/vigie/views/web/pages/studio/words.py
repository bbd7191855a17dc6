"""What the Studio's choices are called, in the visitor's language."""

from __future__ import annotations

from vigie.views.web.request_context import RequestContext


def kinds(context: RequestContext) -> dict[str, str]:
    """Return the kinds of parts."""
    return {
        "chart": context.text("Chart"),
        "table": context.text("Table"),
        "words": context.text("Word cloud"),
        "heat": context.text("Heat map"),
        "quote": context.text("Quotation"),
    }


def shapes(context: RequestContext) -> dict[str, str]:
    """Return the shapes of the picture."""
    return {
        "wide": context.text("16:9 (pages, slides)"),
        "square": context.text("1:1 (social media)"),
        "column": context.text("Column (print, phones)"),
    }


def spans(context: RequestContext) -> dict[str, str]:
    """Return how far back a part goes."""
    return {
        "24h": context.text("24 hours"),
        "1w": context.text("1 week"),
        "1m": context.text("1 month"),
        "1y": context.text("1 year"),
        "max": context.text("All time"),
        "dates": context.text("Between two dates"),
    }


def modes(context: RequestContext) -> dict[str, str]:
    """Return how lines of a chart are put beside each other."""
    return {
        "rebased": context.text("Change since start"),
        "absolute": context.text("Prices"),
    }


def lines(context: RequestContext) -> dict[str, str]:
    """Return what the lines of a chart may be."""
    return {
        "prices": context.text("Asset prices"),
        "series": context.text("On-chain series"),
        "derivatives": context.text("Derivatives metric"),
    }


def measures(context: RequestContext) -> dict[str, str]:
    """Return the measures of Derivatives."""
    return {
        "funding": context.text("Funding"),
        "open_interest": context.text("Open interest"),
        "basis": context.text("Basis"),
        "long_short": context.text("Long/short ratio"),
        "liquidations": context.text("Liquidations"),
        "volatility": context.text("Volatility"),
    }


def tables(context: RequestContext) -> dict[str, str]:
    """Return what a table may be of."""
    return {
        "compared": context.text("Changes by period"),
        "markets": context.text("Markets of these assets"),
        "movers": context.text("Biggest market moves"),
        "odds": context.text("Odds of learned models"),
    }


def heats(context: RequestContext) -> dict[str, str]:
    """Return what a heat map may be of."""
    return {
        "market": context.text("The whole market"),
        "correlation": context.text("Correlation of assets"),
    }


def visions(context: RequestContext) -> dict[str, str]:
    """Return kinds of eyes."""
    return {
        "usual": context.text("normal vision"),
        "protanopia": context.text("protanopia (no red)"),
        "deuteranopia": context.text("deuteranopia (no green)"),
        "tritanopia": context.text("tritanopia (no blue)"),
    }
