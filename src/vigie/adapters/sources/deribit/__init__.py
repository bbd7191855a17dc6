"""Deribit's volatility index.

source  the index of Bitcoin and Ethereum
"""
