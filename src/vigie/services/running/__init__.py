"""Processes and long work: the parts of a running Vigie, the worker and what it can do.

process_tree  the processes of a running Vigie: started, watched, stopped together
paper_requests  paper accounts that a page asked to be traded, as parts of the tree
job_process  the process that computes for a worker
worker      takes jobs from the queue and watches them being done
work        the kinds of jobs, one a file
demo_world  the home of the simulated world, filled by jobs
compiling   turns at compiling, so that not every process compiles the same at once
first_run   a second process compiles the figures while the first compiles the kernel
"""
