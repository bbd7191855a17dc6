"""Holdings: lots, gains, worth, returns and two countries' taxes from events; no file of a person, no store, no clock.

bank_products  products of a bank that follow a coin: fee, units, which the tax rules cover
amounts  exact decimals: rounding when booked, sharing without loss, plain texts
records  what is read and what is booked
events  rows to events: what is refused, in which order they are booked
price_table  closes and rates of a day, at most seven days old
lots  one coin at one place, and which lots leave first
event_values  what an event and its fees are worth
flows  money put in and taken out, day by day
day_ends  what is held at the end of each day
booking  events one after another into lots, disposals, income, gaps and notes
worth  what holdings are worth on a day
returns  time-weighted and money-weighted
gain_parts  what a gain is made of: not realised, realised, income, fees, and prices of days
attribution  what moved the worth: the price of each coin, and the rest
letter  the letter about a week or a month: figures, what comes, one lesson, one thing to do
own_categories  the categories of DAC8 and CARF that an event falls into
reconciliation  what a platform reported beside own events: differences and what may explain them
country_rules  dated figures of a country, with source and sureness
france  article 150 VH bis CGI: the lines of each sale
france_years  limit, boxes and tax of a French year
germany  sections 23 and 22 no. 3 EStG
answers  all of that as texts and lists
"""
