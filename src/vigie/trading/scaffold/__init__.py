"""What a new strategy begins with.

templates   the file, its test and its page, ready to be filled in
"""
