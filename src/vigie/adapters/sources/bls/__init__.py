"""The Bureau of Labor Statistics of the United States.

source  consumer prices, as an index and over a year
"""
