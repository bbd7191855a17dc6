"""What meets the outside world; each knows ports and domain only, never another kind.

clock       the machine's clock
logs        a process's log: JSON lines in files of a bounded size
pulse       signs of life, to systemd and as a file
spare       freed memory, given back to the machine
net         trying reads again
stores      files on this machine
venues      exchanges
manifests   how their folders describe themselves
connectors  what is in the folders of sources and venues, as notes
world_mailbox  mails that the simulated world took
notifiers   how messages reach a person
executors  where independent pieces of work are computed
"""
