"""Venues, one folder each with a flat manifest; the folder is the registry.

manifest     reading the manifests
history      public bars over ccxt, shared by the venues
bitget       USDT-margined perpetuals
binance      USDT-margined perpetuals, spot
hyperliquid  USDC-margined perpetuals
"""
