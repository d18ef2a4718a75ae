"""`python -m forum`: the same as `interlocal`."""

from forum.cli import main

main()
