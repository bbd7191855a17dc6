"""What a person or agent may ask or order, one topic a file; each function is an operation.

bar_reading  bars, rules and settlements as a backtest reads them
data        bars: import, fetch, check, export; instruments' rules
stored_series  which bars are stored, and how complete they are
demo        all strategies, with nothing set up
demo_world  the home of the demonstration, filled by jobs
doctor      is this machine fit to run Vigie, and if not, what cures it
rest_compiling  what pages compute beyond the first ones, compiled apart
bug_bundle  what a bug report needs in one zip, without secrets or names
refusal_text  texts of results that may be refusals
text_encoding the text of a file, UTF-8 or as spreadsheets on Windows save it
typed_numbers numbers as people type them in forms
input_forms  what a text of an input must look like, in words
written_text  what people may write as names and texts
glossary    what the words of the field mean
operation_calls  the way every door takes to an operation
operation   what an operation is, and the registry of all
rows        rows of tables: fields that say what a column is
needs       what an operation may name in its signature, found by type
app_context  everything an operation may reach
caches      what is dear to compute and kept
languages   in which languages answers are
reader_texts  what services say, in the reader's language, in mails as on pages
operations  the operations, one topic a file
runs        from what was asked of a backtest to what is kept and explained
searches    many runs, and what can be believed of the best
judging     strategies and what they say
outside     trades that people made elsewhere
holdings    what people own, what it is worth and what it brought
setups      what becomes of signals, close by close
learning    models that learn from stored bars, and how they are judged
market_data  measured numbers of assets and series
backups     copies of a home: made, checked, put back
people      how they get in, what is theirs, what they keep
random_tokens  words that nobody guesses
slow_readings  what waits for hosts that may be slow: few at once
running     processes and long work
trading     accounts that trade: their plans, their logs, their ends
news        news: the runner of steps, and items as they are shown
alerting    alerts: rules judged, mails sent, what they say
mail_records  whether receivers can tell that mail is genuine
studio      boards that one composes to publish
venues      accounts at venues: their keys, and whether they can be traded
"""
