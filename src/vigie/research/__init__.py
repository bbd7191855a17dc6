"""Runs over the engine and what they come to: searches, honest splits of time, tables, the report.

series        what a series is to the registry of trials: name, closes by day, traded span
fingerprints  what says that runs are of the same data, and trials the same
sweep         many variants of one strategy over the same bars
walk_windows  where a walk-forward trains and trades
walk_forward  choose on the past, trade what came next, move on
validation    purged K-fold and combinatorial purged cross-validation of a search
walk_tables   walk-forward and cross-validation as tables
confidence    can a run be believed, with every trial ever made on the same data
tables        a run as tables: the columns of the files
files         the files of a run as bytes, ready to be written together
learning      models that learn: what they are fed, how they are fitted on the past and judged on what came next
report        one file a person can open anywhere
"""
