"""Where data comes from.

page   every connector with its state, and one source with its terms; pause, resume, try now
words  states and lengths in the visitor's language
"""
