"""The words of the trade as frozen records; no I/O, no clock, no third-party import but numpy.

errors      every error, sorted by what happens next
ids         names of venues, assets, instruments and slots, and how people may spell them
accents     texts without accents and case
typeface    a font as bytes: its letters and how wide they are
months      names of months in English and French
time        epoch milliseconds, timeframes, ISO text, time that passed though a clock was set back
time_bounds  which times can be, of those that outside services tell
money       the border between Decimal and float64; the price and quantity grid
instrument  what one trades: tick, lot, minimums, margin, fees, with versions in time
bar         a history of bars as arrays, with point-in-time features
daily_closes  the closing prices of a history by day, which it is known by
trials      what was tried on which part of a history, and how often
signal      criteria, signals, and how near a criterion is to holding
run_file_version  a run file as a person changed it, and what became of it
trade_plan  a trade as a person plans it, and what became of it
setup       a signal with a life: its states, causes and changes
input_errors  what is wrong with a value: what is accepted, and what was given
pasted_secrets  seed phrases and private keys, which nothing keeps or repeats
codes       reasons, refusal codes and their fixed numbers
state       records of the kernel's state, alike for compiled and plain code
account     costs, sizing and protections of a run
holding     what a person owns, as they told it, with its corrections
learned     what was learned: experiments, fits, models with their stages
reported    what a platform reported of a person's year, by asset and category
outside     fills that a person made elsewhere, and which of them are the same
order       from a decided order to booked money: intent, order, fill, position, balance
order_caps  what a home lets its accounts order
asset       what is watched, by catalogue id
quote       the newest that is known of an instrument
item        news: what a source says, the item it makes, what steps of reading found
story       what is found of a story that ends in another one
keyed_services  services with an address or a key in the settings that are no venue or source
entity      what a house itself knows of names
first_sighting when an emerging coin was first seen here, and first reported on
register    public registers: rows, and what became different between two looks
alert       what happened, the rules people make, and what becomes of what they are told
fact        observed numbers, when they happened and when they could be read
person      who uses Vigie and what they may do
job         long work and its states
"""
