"""What news mean: small pure steps from an item to what it says, about whom, and how far it can be believed.

gazetteer  who and what is named: lists of entities, and where they stand in a text
judging    how headlines sound, what they are about, and what speaks against believing them
reading    what steps share: words, numbers, addresses, likeness
stems      words as they are searched for
registry   which steps there are, and their order
step       what a step is, and what it may look at
steps      the steps, a file each
"""
