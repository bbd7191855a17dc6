"""Answers about the market, each with the numbers behind it.

words        tables of words in English and French, and how numbers are written
grammar      a word stands for a span of a number: scales, clauses, verdicts
verdict      an asset, and the market, in plain words
metrics      what is measured of an asset: changes, distances, volume, indicators
fields       the measured columns a person may ask for: unit and definition
screener     conditions as plain sentences and in an address
"""
