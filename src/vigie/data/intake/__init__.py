"""Files of others.

names    what a file is called: venue, instrument, timeframe
columns  what its columns are called
times    seconds, milliseconds, microseconds or ISO text
packed   gzip and zip, to a bound
tables   Parquet, feather and JSON
form      what a person says about a file: columns, time zone, date format, decimals
exporters files of known programs and exchanges, by their header
numbers   decimal points and commas, thousands apart
zones     local times as UTC
layout    separator, header and columns of a text
lines     CSV line by line: quotes, decimal commas, times in two columns
preview   three rows as they are understood, and what cannot be read
text     CSV, with and without header
reader   any file in, raw rows out
"""
