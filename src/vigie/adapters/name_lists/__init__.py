"""Public lists of names, each a client that fulfils `vigie.ports.name_lists.NameSource`.

wikidata   exchanges, cryptocurrencies and central banks, in English and French
gleif      firms by their identifier (LEI)
coingecko  coins by capitalisation
parsing    what they share: one bounded answer, names that are clean
"""
