"""How anything outside is reached.

fetch   reading over HTTP: time-outs, tries, budgets, size limits, unchanged answers
unpack  unpacking an answer piece by piece
budget  how many requests a host gets
guard   addresses that people give: nothing inside this house or its network
socket  listening to a stream
retry   trying a read again: how often, how long between, what the other side asks for
"""
