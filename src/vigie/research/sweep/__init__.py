"""Many variants of one strategy over the same bars, scored at the cost of a few microseconds each.

space       what is varied: axes of values, numbered combinations, neighbours
objective   from a trial's figures to the number it is ranked by
plan        what a sweep runs: slots, account, space; its fingerprint
trial_names what its trials are called in the registry
accounts    scoring through the account loop: shared accounts, protections, finer bars
gather      the Python part of a chunk, laid out for one compiled call
work        one chunk of combinations: parameters, flags, compiled trading, figures
loop        chunk after chunk through an executor into a keeper of rows; grid, random, TPE
tpe         combinations that learn from those before
row_store   rows on the disk while a sweep runs
table       rows as frames
sweep_verdict  daily returns of a sample of the combinations, and the verdict
findings    the best combination run whole, and whether it can be believed
shuffled    the same search on the same moves in another order
terrain     what lies around the best: its neighbours, and a map of two parameters
"""
