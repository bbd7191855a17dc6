"""Files of others.

names    what a file is called: venue, instrument, timeframe
columns  what its columns are called
times    seconds, milliseconds, microseconds or ISO text
packed   gzip and zip, to a bound
tables   Parquet, feather and JSON
text     CSV, with and without header
reader   any file in, raw rows out
"""
