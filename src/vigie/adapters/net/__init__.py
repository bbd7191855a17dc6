"""How anything outside is reached.

fetch    reading over HTTP: time-outs, tries, budgets, size limits, unchanged answers
answers  bodies read up to a limit, and what a status means
stored_body  an answer as raw documents keep it
unpack   unpacking an answer piece by piece
token_bucket  how many requests a host gets
trust    whose certificates are believed
guard    addresses that people give: nothing inside this house or its network
confined  the same for a library of others, at the moment it connects
declared  the same for plug-ins: the hosts that they declare, through one transport
websocket  listening to a stream
dns      TXT records of names, for who checks mail
retry    trying a read again: how often, how long between, what the other side asks for
"""
