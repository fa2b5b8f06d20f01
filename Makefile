#   make repro   install what it needs into .venv, run the pipeline, print the scorecard
#   make setup   also install the developers' tools
#   make quick   set up, lint, run the fast tests (before each commit)
#   make test    set up, lint, run all tests
#   make lint    set up, check style, types and imports
#   make docs    set up, build the documentation into site/
#   make clean   remove .venv
# Packages are installed again only if the lock file or pyproject.toml is newer than .venv/.ready.

PYTHON ?= $(shell for v in 3.11 3.12 3.13; do command -v python$$v >/dev/null 2>&1 && python$$v -c '' 2>/dev/null && { echo python$$v; break; }; done)
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
LOCK := requirements/lock-$(VERSION).txt
# Has torch for Linux without the CUDA libraries of PyPI's build. Empty: PyPI's.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1
# Errors only: pip also warns about each place without a package that an index lists.
PIP = .venv/bin/python -m pip install -qq
# For two at a time. A single item takes no lock on the stages that both depend on, which the other
# process would not wait for. Stages and errors go to stderr, DVC's hints to stdout.
REPRO := dvc --wait-for-lock repro --single-item >/dev/null
# Below tests/; `make quick` leaves them out.
SLOW_TESTS := explain features rankers/deepset rankers/test_contract.py rankers/test_trees.py \
  reliability report sweep

.PHONY: help repro test quick lint docs setup clean

help:
	@sed -n 's/^#   //p' Makefile

repro: .venv/.ready
	@nbarank params check
	@dvc repro team_features roster_features >/dev/null || { ! grep -q '"pid"' .dvc/tmp/rwlock || \
	  echo "Another repro runs in this folder. Next: wait until it ends, then make repro"; exit 1; }
	@$(REPRO) oof_deepset & deepset=$$!; $(REPRO) oof_xgb oof_rf playoff_classifier; trees=$$?; \
	  wait $$deepset && exit $$trees
	@$(REPRO) explain charts current_features & explain=$$!; $(REPRO) stack calibrate forecast evaluate; forecast=$$?; \
	  wait $$explain && exit $$forecast
	@dvc repro >/dev/null
	@nbarank scorecard
	@echo "First:      . .venv/bin/activate"

quick: setup lint
	@pytest -n 2 --dist loadgroup -q -m "not slow and not real" $(SLOW_TESTS:%=--ignore=tests/%)

test: setup lint
	@pytest -n 2 --dist loadgroup --durations=10

lint: setup
	@ruff check . && ruff format --check --quiet . && mypy && lint-imports --no-logo >/dev/null || { lint-imports; exit 1; }

docs: setup
	@NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet && echo "site/index.html"

setup: .venv/.all

# What the pipeline and its commands need.
.venv/.ready: $(LOCK) pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found. Next: install one, or make repro PYTHON=/path/to/python3.11"; exit 1; }
	@test -f "$(LOCK)" || { echo "$(PYTHON) is Python '$(VERSION)'; lock files exist for 3.11, 3.12 and 3.13. Next: make repro PYTHON=python3.11"; exit 1; }
	@echo "Installing into .venv: 1.8 GB (5.6 GB with CUDA), some minutes"
	@$(PYTHON) -m venv .venv
	@$(PIP) --constraint $(LOCK) setuptools
	@test -z "$(TORCH_INDEX)" || $(PIP) --constraint $(LOCK) --no-deps --index-url "$(TORCH_INDEX)" \
	  --retries 1 --timeout 15 torch 2>/dev/null || echo "No torch in $(TORCH_INDEX); PyPI's follows"
	@$(PIP) --constraint $(LOCK) --no-build-isolation --editable '.[nba]'
	@touch $@

# Also tests, documentation and every optional part.
.venv/.all: .venv/.ready
	@echo "Installing the tools of developers into .venv: 0.8 GB, some minutes"
	@$(PIP) --requirement $(LOCK)
	@touch $@

# Without a matching lock file, make must print the message above, not "no rule to make target".
requirements/lock-.txt:
requirements/lock-%.txt: ;

clean:
	rm -rf .venv
