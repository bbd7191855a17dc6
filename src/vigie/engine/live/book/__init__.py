"""What one process knows, is told by the venue and writes down.

account_memory        what a process knows when it begins
booking               from a venue's fills and funding to the account's steps
surplus               fills on top of a position that was closed already
logbook               what one process writes down, as long as it has the right to
foreign               each fill and each movement of money of somebody else, told by itself
fill_cache            the fills that were read, each once
intent_cache          the intents that were read, and those that the book is asked for
deduplicator          each fact of a venue once, however often it is told
unwritten_intents     ids of closings that are sent before they are written
intent_writer         from decisions to intents
orders                the life of an order between its intent and its end
reconciler            what the venue has to tell, taken once
position_differences  whether the venue holds what the account holds
"""
