"""Where things are kept.

files        whole or not there; locks
parquet      bars, quarantine, bookmarks
instruments  versions of the venues' rules
"""
