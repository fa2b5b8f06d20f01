"""What the command loads before it knows what to do."""

import subprocess
import sys

HEAVY = ("dvc", "numpy", "optuna", "pandas", "pydantic", "sklearn", "torch", "xgboost")


def test_the_command_starts_without_the_libraries_of_its_commands() -> None:
    code = f"import sys, nbarank.cli.main; print(*({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
