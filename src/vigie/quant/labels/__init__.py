"""What models learn to tell: answers that lie ahead of a bar, each with the bars it was made of.

label           values with their spans, and how they are cut to a part of the time
forward         return, direction with a dead zone and volatility of the bars ahead
triple_barrier  what became of trades with stop, target and time, and whether a rule's signals reached their targets
uniqueness      weights by how few other labels use the same bars
"""

from vigie.compiled import prepare

prepare()
