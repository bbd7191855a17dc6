"""Hosts of chains that tell what lies at an address.

esplora  Bitcoin, as Blockstream's Esplora and mempool.space tell it
"""
