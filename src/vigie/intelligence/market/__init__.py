"""Answers about the market, each with the numbers behind it.

words        tables of words in English and French, and how numbers are written
grammar      a word stands for a span of a number: scales, clauses, verdicts
verdict      an asset, and the market, in plain words
summary      an asset and the market in a few sentences, the most unusual first
about        what the watched assets are, in words
historical_range  what is usual of a number: its place in its own history
metrics      what is measured of an asset: changes, distances, volume, indicators
fields       the measured columns a person may ask for: unit and definition
screener     conditions as plain sentences and in an address
movers       what moved most, above a floor of liquidity
correlation  who moves with whom, and how sure that is
treemap      areas as rectangles
compare      up to eight series on one chart
funding      what positions pay across venues, normalised
emerging     new coins and pools with their risk flags
newcomers    conditions on these, as plain sentences and in an address
leads        how far ahead of the press newcomers were seen, with its median
changes_since  what changed since a given time
fear_greed   fear and greed from five parts with published weights
formulas     two series in one: a small safe language
"""
