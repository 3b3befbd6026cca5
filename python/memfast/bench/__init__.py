"""What memfast does on this machine, beside what the machine can do: `memfast bench`.

Modules below `command` need the extra `bench`; the command says so where it is missing.
"""
