"""Statistics of Binance's perpetuals beyond quotes and bars.

source        open interest, long/short ratios and basis
liquidations  forced orders from the stream
"""
