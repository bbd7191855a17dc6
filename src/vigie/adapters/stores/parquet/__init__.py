"""Bars in Parquet files, one per instrument, timeframe and period, and in a tail of the newest ones.

periods     which file a bar belongs to
bars        the store
frames      frames of bars, read from Parquet and written to it
tail        bars appended since the last sealing
sealing     how bars move from the tail to the files of their periods
summaries   what a file says of itself in its metadata
changes     what storing bars changes, and the bars without it
quarantine  refused rows as CSV
receipts    what imports changed
bookmarks   spans in which a venue has no bars
"""
