"""Sources of facts, one folder each with a flat manifest; the folder is the registry.

manifest          reading the manifests
site              reading one source's pages: addresses, budget, strictness
backfill          long histories of days, piece by piece
releases          when a published figure counts as known
news              feeds of news, as lists
own               sources of a person's own, below the home folder
coingecko         prices, capitalisation, trends, categories, exchanges, new coins and pools
feargreed         the Fear and Greed index
defillama         value locked, volumes, fees, stablecoins and yields
mempool           fees, hash rate and difficulty of Bitcoin
ecb               reference rates of the euro
ecb_data          key rate and prices of the euro area
nyfed             the federal funds rate and its target range
bls               consumer prices of the United States
coinmetrics       what happens on the chains, and daily prices
deribit           the volatility index
binance_spot      daily closes of Binance's spot markets
binance_futures   open interest, long/short ratios, basis and liquidations
"""
