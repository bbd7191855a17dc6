"""The kernel, once per event: the account as a fold over its own log, in paper, demo and live alike."""
