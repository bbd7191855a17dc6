"""What the Studio's choices are called, in the visitor's language."""

from __future__ import annotations

from vigie.views.web.visit import Visit


def kinds(visit: Visit) -> dict[str, str]:
    """Return the kinds of parts."""
    return {
        "chart": visit.text("Chart"),
        "table": visit.text("Table"),
        "words": visit.text("Word cloud"),
        "heat": visit.text("Heat map"),
        "quote": visit.text("Quote"),
    }


def shapes(visit: Visit) -> dict[str, str]:
    """Return the shapes of the picture."""
    return {
        "wide": visit.text("16:9, for pages and slides"),
        "square": visit.text("1:1, for social networks"),
        "column": visit.text("One column, for print and phones"),
    }


def spans(visit: Visit) -> dict[str, str]:
    """Return how far back a part goes."""
    return {
        "24h": visit.text("24 hours"),
        "1w": visit.text("1 week"),
        "1m": visit.text("1 month"),
        "1y": visit.text("1 year"),
        "max": visit.text("All time"),
        "dates": visit.text("Between two dates"),
    }


def modes(visit: Visit) -> dict[str, str]:
    """Return how lines of a chart are put beside each other."""
    return {
        "rebased": visit.text("Change since the start"),
        "absolute": visit.text("Prices"),
    }


def lines(visit: Visit) -> dict[str, str]:
    """Return what the lines of a chart may be."""
    return {
        "prices": visit.text("Prices of assets"),
        "series": visit.text("A series of On-chain"),
        "derivatives": visit.text("A measure of Derivatives"),
    }


def measures(visit: Visit) -> dict[str, str]:
    """Return the measures of Derivatives."""
    return {
        "funding": visit.text("Funding"),
        "open_interest": visit.text("Open interest"),
        "basis": visit.text("Basis"),
        "long_short": visit.text("Long and short"),
        "liquidations": visit.text("Liquidations"),
        "volatility": visit.text("Volatility"),
    }


def tables(visit: Visit) -> dict[str, str]:
    """Return what a table may be of."""
    return {
        "compared": visit.text("Changes over 24 h, 1 week, 1 month"),
        "markets": visit.text("Markets of these assets"),
        "movers": visit.text("Largest moves of the market"),
    }


def heats(visit: Visit) -> dict[str, str]:
    """Return what a heat map may be of."""
    return {
        "market": visit.text("The whole market"),
        "correlation": visit.text("Correlation of assets"),
    }


def visions(visit: Visit) -> dict[str, str]:
    """Return kinds of eyes."""
    return {
        "usual": visit.text("usual sight"),
        "protanopia": visit.text("protanopia (no red)"),
        "deuteranopia": visit.text("deuteranopia (no green)"),
        "tritanopia": visit.text("tritanopia (no blue)"),
    }
