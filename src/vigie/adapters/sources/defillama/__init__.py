"""DefiLlama: value locked, volumes, fees, stablecoins and yields of decentralised finance.

source  the feeds
"""
