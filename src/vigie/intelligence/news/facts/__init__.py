"""What an item states: figures with their units, dates, names, and what is said to happen or not; compared with others.

A statement of an outlet is compared with the release of the body it is about, in English and French. Three outcomes:
it agrees, it differs with the difference named, or too little of it can be checked.

statement           a text taken apart into sentences with what each states
figures             amounts, counts, shares and spans of time, with their unit and how exactly they are written
units               currencies, coins, number words, words that round
fractions           parts written in words
rates               spans of time that figures are of
stated_dates        dates, whole or in part
names               names, told by their capitals
lexicon             words for the same thing in both languages, and their opposites
stated_events       what is said to happen or not
predications        parts of sentences with one verb, and what is denied in them
outcome             what a comparison finds
alignment           how near two facts stand, by the words beside them
figure_likeness     when two figures are one, or one with its digits changed
derived             figures that a copy makes of the release's
figure_differences  figures that are not the release's
placed_figure       a figure where it stands
swaps               figures of the release that are told of somebody else
date_differences    dates that are not the release's
misspelt_names      names spelt otherwise, or with other words in them
name_roles          who holds which office
unknown_names       whom the release does not know
parties             who does what to whom, and whose figure it is
name_differences    names in the place of others
authorities         authorities that the release does not name
event_context       how near two things that happen stand by the words beside them
event_differences   what one says happened and the other says did not
denial_differences  the same part by part: what one denies and the other tells
direction_differences  figures that rose in one and fell in the other
places              facts where they stand, by the words that tell places apart
place_likeness      how much two places share
swapped_facts       facts that stand in the place of others, weighed by fitted figures
contradictions      parts that say the contrary of the release's likest, weighed by fitted figures
confidence          how sure what a rule finds is, by fitted figures
fitted_weights      figures that weigh what tells of a difference
comparison          all of it together
"""
