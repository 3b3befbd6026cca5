"""`memfast bench`: the speed of memfast on this machine, beside the limits of the machine.

Modules other than `command` need the extra `bench`; the command names it if it is missing.
"""
