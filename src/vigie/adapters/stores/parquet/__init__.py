"""Bars in Parquet files, one sealed file per instrument, timeframe and period.

periods     which file a bar belongs to
bars        the store
quarantine  refused rows as CSV
bookmarks   spans in which a venue has no bars
"""
