"""What the command loads before it knows what to do."""

import subprocess
import sys

HEAVY = ("dvc", "numpy", "optuna", "pandas", "pydantic", "sklearn", "torch", "xgboost")


def test_the_command_starts_without_the_libraries_of_its_commands() -> None:
    code = f"import sys, nbarank.cli.main; print(*({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_day_is_described_without_torch_and_scikit_learn() -> None:
    modules = "import sys, nbarank.results.games, nbarank.results.day_strength"
    code = f"{modules}; print(*({{'sklearn', 'torch'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
