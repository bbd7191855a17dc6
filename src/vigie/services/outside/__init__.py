"""Trades that people made elsewhere, apart from what Vigie traded.

round_trips   trades made of fills, from flat to flat, by the average price
"""
