"""Processes and long work: the parts of a running Vigie, the worker and what it can do.

process_tree  the processes of a running Vigie: started, watched, stopped together
job_process  the process that computes for a worker
expected_jobs  a job that will be ordered soon: its process is ready by then
beside      work that goes on beside something else, in a thread of its own
worker      takes jobs from the queue and watches them being done
work        the kinds of jobs, one a file
retention   how long things are kept, how large they are and will be
compiling   turns at compiling, so that not every process compiles the same at once
compile_portions  who has compiled so much ends, and the next process goes on
first_run   a second process compiles the figures while the first compiles the kernel
page_compiling  compiles what the first pages compute, which no backtest needs
"""
