"""`python -m nbarank.cli`: the `nbarank` command."""

from nbarank.cli.main import main

main()
