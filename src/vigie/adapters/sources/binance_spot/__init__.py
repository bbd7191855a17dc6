"""The European Central Bank's reference rates of the euro.

source  the daily rates and their history
"""
