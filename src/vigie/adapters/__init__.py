"""What meets the outside world; each knows ports and domain only, never another kind.

clock       the machine's clock
logs        a process's log: JSON lines in files of a bounded size
heartbeat   signs of life, to systemd and as a file
memory_trim  freed memory, given back to the machine
forks       processes that begin as copies of this one and share what it has loaded
fork_server  a copy kept to be copied again when this process no longer can be
process_title  what a process is called by `ps` and found by
private_memory  a process closed to others of its user
program_guard   programs of a home that nobody allowed are not run
net         trying reads again
stores      files on this machine
venues      exchanges
plugins     plug-ins that do not come with Vigie
manifests   how their folders describe themselves
connectors  what is in the folders of sources and venues, as notes
world_arc  tells the simulated world that somebody looks
world_mailbox  mails that the simulated world took
world_newsstand  articles of its newsroom
name_lists  public lists of names
notifiers   how messages reach a person
balances    hosts of chains that tell what lies at an address
printing    files that are read on paper
language    language models that read headlines
executors  where independent pieces of work are computed
"""
