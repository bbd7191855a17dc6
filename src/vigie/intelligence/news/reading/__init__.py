"""What steps of reading share: words with their places, numbers, sentences, addresses, and how near two texts are.

words       the words of a text with their places; how they are compared
numbers     what a text counts, the same however each language writes it
parties     against whom a release acts, and for how much
sentences   where the sentences of a text begin and end
addresses   one form of an article's address
languages   which language a text is in
happenings  what happens, in words that both languages share
merged_stories  stories that turn out to be one, named by the item that shows it
earlier_findings  whom earlier steps found named in an item
unlisted_capitals  names that no list has, told by their capitals
firm_names   two firms that no list has, one in the place of the other
genres      what kind of headline one is: prices, an outlook, a round-up, an event
price_words  the words of reports of prices
story_compatibility  whether two kinds of headlines may tell of one event
opposites   whether two headlines tell of opposite turns
traits      what tells one event from another that is worded alike
evidence    what speaks for two items in two languages telling of one event, and what against it
rarity      how rare a term is, in a background and in what was seen lately
item_terms  what an item tells of, as terms that are compared by their rarity
pair_features  what speaks for two items in English telling of one event, as numbers
join_model  how much these numbers weigh, fitted to labelled weeks
features    what an item tells of, in terms that items in other words share
tfidf_index  what was seen lately, kept so that the nearest is found at once
term_counter  how many items seen lately have a term
logodds     which words stand out against what is usual
"""
