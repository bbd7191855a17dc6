"""Hosts of chains that tell what lies at an address.

esplora  Bitcoin, as Blockstream's Esplora and mempool.space tell it
blocked_host  a host that asked to be left alone
evm_rpc  Ethereum and chains like it: the native coin and tokens, by JSON-RPC
"""
