"""Derivatives across venues, a tab each.

page      tables with their charts: funding, open interest, basis, long and short, liquidations, volatility
charts    their drawings, and what they say in words
pictures  the same as files
"""
