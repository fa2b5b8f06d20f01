"""A toy pipeline in a temporary git + DVC repository, for the tests of sweeps.

It has the stages of the real one in plain Python. A trial's value is a smooth function of its
parameters, so a test can check which parameters a result came from. `toy.seconds` is how long each
model stage sleeps, XGBoost depths above `toy.fail_above` fail, and other depths than the tuned one
wait while the file of the variable TOY_HOLD exists.
"""

from pathlib import Path

from tests.reliability.small import commit_all, commit_new, dvc

STAGE = '''
"""One stage of the toy: python toy.py NAME."""
import csv, json, os, sys, time
from pathlib import Path
from ruamel.yaml import YAML
from nbarank.core.live_curve import append_point

name = sys.argv[1]
params = YAML(typ="safe").load(Path("params.yaml").read_text())
for folder in ("data", "models", "metrics"):
    Path(folder).mkdir(exist_ok=True)


def work(seconds):
    """Sleep, or use the processor as a model would."""
    end = time.process_time() + seconds
    while params["toy"]["burn"] and time.process_time() < end:
        sum(range(1000))
    time.sleep(0 if params["toy"]["burn"] else seconds)


def save(path, content):
    Path(path).write_text(json.dumps(content, sort_keys=True))


def load(path):
    return json.loads(Path(path).read_text())


if name == "collect":
    save("data/games.json", [float(line) for line in open(params["data"]["folder"]["path"])])
elif name == "features":
    games = load("data/games.json")
    windows = params["features"]["rolling_windows"]
    save("data/features.json", [sum(games) / len(games), sum(windows) / len(windows)])
elif name == "oof_deepset":
    load("data/features.json")
    value = -abs(params["model_a"]["epochs"] - 18) / 20
    for season in range(1, 5):
        work(params["toy"]["seconds"] / 4)
        append_point(season, season * (2 + value))
    save("data/deepset.json", value)
elif name == "oof_xgb":
    work(params["toy"]["seconds"])
    xgb = params["model_b"]
    print("xgb with", xgb)
    hold = Path(os.environ.get("TOY_HOLD", "/nothing"))
    while hold.exists() and (xgb["max_depth"], xgb["learning_rate"]) != (6, 0.05):
        time.sleep(0.05)
    if xgb["max_depth"] > params["toy"]["fail_above"]:
        raise SystemExit(f"the toy's forest fell over at depth {xgb['max_depth']}")
    save("data/xgb.json", -abs(xgb["max_depth"] - 4) / 8 - abs(xgb["learning_rate"] - 0.08))
elif name == "oof_rf":
    save("data/rf.json", -abs(params["model_c"]["min_samples_leaf"] - 5) / 10)
elif name == "evaluate":
    mean, window = load("data/features.json")
    parts = [load(f"data/{model}.json") for model in ("deepset", "xgb", "rf")]
    value = 0.8 + sum(parts) / 10 - abs(window - 20) / 1000 + mean * 0
    if params["training"]["listmle_target"] == "playoff_outcome":
        value -= 0.01
    seasons = params["toy"]["seasons"]
    rows = []
    for number, season in enumerate(seasons):
        for checkpoint in (10, 25, 50, 75, 100):
            noise = ((number * 7 + checkpoint) % 11 - 5) / 200
            for target in ("final_rank", "playoff_outcome"):
                rows.append([season, checkpoint, target, "ensemble", "spearman", value + noise])
                rows.append([season, checkpoint, target, "standings", "spearman", 0.7 + noise])
    with open("metrics/scorecard.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["season", "checkpoint", "target", "ranker", "metric", "value"])
        out.writerows(rows)
    less = {"ndcg4": 0.1, "ndcg16": 0.05, "ndcg20": 0.04, "playoff_spearman": 0.2}
    objectives = {"spearman": value, **{name: value - gap for name, gap in less.items()}}
    objectives |= {"rank_rmse": 6 - 2 * value, "title_logloss": 3 - value}
    objectives |= {"game_brier": 0.3 - value / 10}
    save("metrics/summary.json", {"objectives": objectives, "test": {"spearman": value - 0.02}})
    save("metrics/attention.json", {"entropy": 2.1 + parts[0] / 10, "collapsed": False})
elif name == "explain":
    save("metrics/explain.json", {"explained": load("metrics/summary.json")["objectives"]})
    save("metrics/attention_later.json", {"of_the_baseline": 1.0})
'''

PIPELINE = """\
stages:
  collect:
    desc: Copies the numbers from the user's folder.
    cmd: python toy.py collect
    deps: [toy.py, "${data.folder.path}"]
    params: [data]
    outs: [data/games.json]
  features:
    cmd: python toy.py features
    deps: [toy.py, data/games.json]
    params: [features]
    outs: [data/features.json]
  oof_deepset:
    cmd: python toy.py oof_deepset
    deps: [toy.py, data/features.json]
    params: [model_a]
    outs: [data/deepset.json]
  oof_xgb:
    cmd: python toy.py oof_xgb
    deps: [toy.py, data/features.json]
    params: [model_b, toy.fail_above]
    outs: [data/xgb.json]
  oof_rf:
    cmd: python toy.py oof_rf
    deps: [toy.py, data/features.json]
    params: [model_c]
    outs: [data/rf.json]
  evaluate:
    cmd: python toy.py evaluate
    deps: [toy.py, data/features.json, data/deepset.json, data/xgb.json, data/rf.json]
    params: [training, toy.seasons]
    metrics:
      - metrics/summary.json: {cache: false}
      - metrics/attention.json: {cache: false}
    outs:
      - metrics/scorecard.csv: {cache: false}
  explain:
    cmd: python toy.py explain
    deps: [toy.py, metrics/summary.json]
    metrics:
      - metrics/explain.json: {cache: false}
      - metrics/attention_later.json: {cache: false}
"""

PARAMS = """\
# The toy's parameters. Every comment must survive `nbarank lock`.

data:
  source: folder
  folder:
    path: ../numbers.txt  # where the numbers lie
seasons:
  warm_up: []
  train: ['2013-14']
  validation: ['2014-15', '2015-16', '2016-17', '2017-18', '2018-19', '2019-20']
  test: ['2022-23']
features:
  # Games per rolling window. Legal: 1 to 82.
  rolling_windows: [10, 30]
model_a:
  epochs: 30   # passes over the lists
model_b:
  max_depth: 6  # depth of a tree
  learning_rate: 0.05
  n_estimators: 200
model_c:
  n_estimators: 150
  min_samples_leaf: 4
training:
  listmle_target: final_rank
toy:
  seconds: 0.0
  burn: {burn}
  fail_above: 100
  seasons: ['2014-15', '2015-16', '2016-17', '2017-18', '2018-19', '2019-20']
"""


SPACES = {
    "pruned": """
description: Epochs of the Deep Set, whose validation curve stops hopeless trials.
method: grid
pruner: {name: median, startup_trials: 2, min_seasons: 2}
space:
  model_a.epochs: {type: categorical, choices: [17, 18, 19, 28, 36, 38]}
""",
    "mini": """
description: A few numbers of the trees, for tests.
method: optuna
n_trials: 4
startup_trials: 2
space:
  model_b.max_depth: {type: int, low: 3, high: 6}
  model_b.learning_rate: {type: float, low: 0.05, high: 0.12}
""",
    "depths": """
description: Every depth once.
method: grid
space:
  model_b.max_depth: {type: int, low: 2, high: 5}
""",
    "windows": """
description: Rolling windows, which are lists.
method: grid
space:
  features.rolling_windows: {type: lists, choices: [[10], [10, 30], [20, 30]]}
""",
    "halving": """
description: Cheap rungs first; few trials continue.
method: halving
n_trials: 4
halving:
  reduction: 2
  rungs:
    - {model_a.epochs: 8}
space:
  model_b.max_depth: {type: int, low: 1, high: 12}
""",
}


def make_toy(root: Path, *, burn: bool = False, pipeline: str = PIPELINE) -> Path:
    """Create the toy repository with its search spaces in `root`, reproduce and commit it."""
    repository = root / "toy"
    (repository / "sweeps").mkdir(parents=True)
    (root / "numbers.txt").write_text("3\n1\n2\n")
    files = {
        "toy.py": STAGE,
        "dvc.yaml": pipeline,
        "params.yaml": PARAMS.format(burn=str(burn).lower()),
        ".gitignore": "/data/\n/models/\n__pycache__/\n",
        **{f"sweeps/{name}.yaml": text for name, text in SPACES.items()},
    }
    for name, text in files.items():
        (repository / name).write_text(text.lstrip())
    commit_new(repository)
    dvc(repository, "repro", "-q")
    commit_all(repository, "Reproduced")
    return repository
