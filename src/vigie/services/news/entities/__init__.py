"""Whom news name: names, registers, warnings, profiles.

naming        whom an id stands for, as the house reads names
proposals     names that no list has and several publishers used
profile       how items about an entity sound, and whom they name beside it
recent_items  the newest items that name one
registers     what a public register is called and means, and when a licence ended
warnings      what lists of warnings say of whom items name
"""
