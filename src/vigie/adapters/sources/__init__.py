"""Sources of facts, one folder each with a flat manifest; the folder is the registry.

manifest          reading the manifests
site              reading one source's pages: addresses, budget, strictness
coingecko         prices, capitalisation, trends, categories, exchanges, new coins and pools
feargreed         the Fear and Greed index
"""
