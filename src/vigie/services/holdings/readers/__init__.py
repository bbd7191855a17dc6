"""Readers of files that venues and wallets export, a file each; the folder is the registry.

binance, bitpanda, coinbase, koinly, kraken, ledger_live, revolut. Each names the headers that only its files have,
and says where they were seen.
"""
