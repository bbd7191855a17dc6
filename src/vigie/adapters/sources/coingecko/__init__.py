"""CoinGecko: the whole market, coin by coin.

source    the feeds
newcomers coins that were not listed before, and new pools
"""
