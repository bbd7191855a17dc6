"""Who and what is named: entities with the forms of their names, and where these stand in a text.

entries    the packaged lists of coins, organisations, people, laws and countries; the marks of names
lookup     forms by their first word, the longest first
unlisted   capitalised names that no list has
amended    the lists with what a house says of names on top
imported   names from public lists on top of the packaged ones
newcomers  names of emerging coins, which no list has yet
evidence   whether an ambiguous name is meant, by what stands around it
worldly    who is named in news of every kind
tongues    what entities are called in each language
linking    the entities of a title and its text, with places
"""
