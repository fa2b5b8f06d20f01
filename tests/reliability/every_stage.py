"""Run every stage in the order of dvc.yaml, each in a fork: imports are paid once, DVC never."""

import importlib
import os
import runpy
import sys
import traceback
from pathlib import Path

from nbarank.core.sections import read_yaml

LATER = ("captum.attr", "scipy.optimize", "sklearn.linear_model", "torch", "vl_convert", "xgboost")
"""Packages that stages import when they need them."""

if __name__ == "__main__":
    stages = list(read_yaml(Path("dvc.yaml"))["stages"])
    for module in (*LATER, *(f"stages.{stage}" for stage in stages)):
        importlib.import_module(module)
    for stage in stages:
        child = os.fork()
        if child == 0:
            try:
                sys.modules.pop(f"stages.{stage}")
                runpy.run_module(f"stages.{stage}", run_name="__main__")
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            sys.exit(f"stage {stage} failed")
