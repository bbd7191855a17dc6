"""Plans: their list, the form that makes one, and each one in full.

page      the pages and what their forms do
words     what plans, their states and ends are called
pictures  a plan in its bars, as a picture
"""
