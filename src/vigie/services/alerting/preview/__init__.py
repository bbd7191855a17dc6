"""What a rule would have told of what is stored: its dry run, for every kind of rule.

past_events  what a look back finds, and what it says of itself
items    news, and the count of what is told
prices   prices, screens and pegs, from stored bars and facts
contracts  funding and open interest as they were known
spikes   how much is written of an asset and how, from stored items
holdings  what a person owns, by what they own now and the prices of each day
records  registers, emerging ones and Vigie itself, from what was written when it happened
setups   setups of a person's accounts
replaying  past events that rules match, put into the inbox of a demonstration and marked
messages  what the message about one of them would have looked like
kinds    a look back for any kind of rule
"""
