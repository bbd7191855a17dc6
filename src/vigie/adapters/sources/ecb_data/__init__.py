"""The European Central Bank's statistics: its key rate and the prices of the euro area.

source  the deposit facility rate and the yearly change of consumer prices
"""
