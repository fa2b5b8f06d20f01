"""What every room builds on: errors, tables, parameters, seeds, tracking, the stage runtime."""
