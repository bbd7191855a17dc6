"""Trading accounts in the database.

tables    what is kept of them
leases    who may trade an account now
intents   decided orders, written ahead, and what became of them
booking   steps, fills and funding
limits    whose money runs trade, and limits of loss that were lifted
book      all of it as one store
"""
