"""Chart patterns from swings, each known at one bar and never earlier, and how often they are completed.

chart_pattern  the records: kinds, swings, lines, levels, and the rules' numbers
swings         swing highs and lows that take turns, told when they are confirmed
shapes         compiled rules: when the newest swings make a pattern
finding        the patterns of some bars: `find_patterns`
completion     how often they are completed, beside the same distances from any bar: `completion_rates`
living         which of them still hold at the newest bar: `living_patterns`
"""
