"""The `nbarank` command, one module a command group."""
