"""The collector: what is fresh, what is asked next, and where it is put.

schedule   when to ask next, how long to wait after a failure, when a stream is silent
connector  one thing that is collected, and how it does
bars       finished bars, and what is missing between them
news      news that arrived, stored and read
generated_past  news from before a simulated home began, known when they would have been
inbox      what arrived and is not stored yet
tasks      tasks of these loops
waits      what they wait for: a connector that is due, a stream that is silent
running    the loops: one a connector, one that stores each second
"""
