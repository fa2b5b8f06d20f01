"""Features of teams, players and rosters as of a date; `registry` explains how to add one."""
