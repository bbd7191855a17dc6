"""mempool.space: fees, hash rate and difficulty of Bitcoin.

source  the feeds
"""
