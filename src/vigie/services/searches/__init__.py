"""Searches: many runs, and what can be believed of the best.

sweeps          run a sweep, go on after a kill, keep what it found
search_results  what a search from Python gives, computed when it is asked for
walk_forwards   run walk-forward and cross-validation
"""
