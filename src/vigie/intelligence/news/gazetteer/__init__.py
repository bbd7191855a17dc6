"""Who and what is named: entities with the forms of their names, and where these stand in a text.

entries    the packaged lists of coins, organisations, people, laws and countries; the marks of names
lookup     forms by their first word, the longest first
unlisted_names  capitalised names that no list has
amendments  the lists with what a house says of names on top
name_imports  names from public lists on top of the packaged ones
newcomer_names  names of emerging coins, which no list has yet
evidence   whether an ambiguous name is meant, by what stands around it
general_entities  who is named in news of every kind
localised_names  what entities are called in each language
linking    the entities of a title and its text, with places
"""
