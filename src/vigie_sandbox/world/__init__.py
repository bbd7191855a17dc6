"""One process on loopback that answers the protocols of the outside services from a simulated market.

clock      market time: faster than the wall's, paused, jumping forward
catalogue  the 40 assets and which venue lists which
about      what each of them is, in English and French
hashed_random  numbers that look random and can be read in any order
price_walk  how prices move on, by the hour and by the minute
price_wave  a wave in one coin's price, which a model can learn
price_tape  the one truth: bars that never change, longer as the clock goes on
bar_buffer  bars as a tape keeps them, prices as ticks
mapped_arrays  the arrays that they lie in, in files of one process
minute_path  the seconds of a minute
derivatives_state  premium, open interest and the crowd
scenes     what will happen, and what is started by hand
venue      one venue's view of the tape
records    what a venue tells
forked_work  work in a process that ends, so that its memory is free again
history    the past as files of bars
earlier_days  daily closes of the eight years before the tape
economy    supplies, capitalisations, fear and greed, currencies
macro_figures  rates of central banks and consumer prices
newcomers  coins that appear
faults     answers that go wrong on purpose
world      all of it
wire       questions, replies and conversations, without any server
newsroom   news on the world's clock
services   what each outside service answers; the folder is the registry
service_names  what they are called, read from their files
imap       newsletters in a mailbox, read by IMAP
mailbox    mail that was taken
mail_folder  the same on disk
smtp_server  the mail server
control    what is answered about the world itself
server     all of it under one port
home       what a world remembers between two starts
run        the world as a process
"""
