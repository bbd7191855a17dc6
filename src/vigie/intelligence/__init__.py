"""What facts mean: numbers in, typed answers with their reasons out; no file, no network, no clock.

market  one asset, the whole market, and what to look at first
"""
