"""Stretched, normal or depressed: an asset against its own past, and what followed.

daily_history  closes on every day of the calendar, and other series as known at them
votes          components, their ranks among earlier values, the score
states         the word at each close, and the moves that override it
episodes       starts that do not overlap, and what followed beside random starts
reading        the valuation at the newest close, with what is missing
levels         at which price the word would change
sentences      why buy, why sell, what would change our mind
"""
