"""Bars in Parquet files, one sealed file per instrument, timeframe and period.

periods     which file a bar belongs to
bars        the store
summaries   what a file says of itself in its metadata
changes     what storing bars changed, and the bars without it
quarantine  refused rows as CSV
receipts    what imports changed
bookmarks   spans in which a venue has no bars
"""
