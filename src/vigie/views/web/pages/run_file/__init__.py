"""What a paper or demo account trades and its limits, changed by its owner.

page       what it shows and what its forms do
draft      what a form holds, and the change that it asks for
words      what the numbers of a run file are called
sentences  what changes, in the words of the form
"""
