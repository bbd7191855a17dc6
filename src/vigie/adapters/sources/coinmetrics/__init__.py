"""Coin Metrics community data: what happens on the chains.

source  the daily metrics that the community gets
"""
