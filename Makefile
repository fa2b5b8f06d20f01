# On a fresh machine with Python 3.11 to 3.13, git and make:
#   make repro   set up, run the pipeline, print the scorecard
#   make quick   set up, lint, run the fast tests (before each commit)
#   make test    set up, lint, run all tests
#   make docs    set up, build the documentation into site/
# Set-up runs again only if the lock file or pyproject.toml is newer than .venv/.ready.

PYTHON ?= $(shell for v in 3.11 3.12 3.13; do command -v python$$v >/dev/null 2>&1 && python$$v -c '' 2>/dev/null && { echo python$$v; break; }; done)
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
LOCK := requirements/lock-$(VERSION).txt
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
export DVC_NO_ANALYTICS := 1
# For two at a time. A single item takes no lock on the stages that both depend on, which the other
# process would not wait for.
REPRO := dvc --wait-for-lock repro --single-item
# Below tests/; `make quick` leaves them out.
SLOW_TESTS := explain features rankers/deepset rankers/test_contract.py rankers/test_trees.py \
  reliability report sweep

.PHONY: repro test quick lint docs setup clean

repro: setup
	@nbarank params check
	@dvc repro --quiet team_features roster_features
	@$(REPRO) oof_deepset & deepset=$$!; $(REPRO) oof_xgb oof_rf playoff_classifier; trees=$$?; \
	  wait $$deepset && exit $$trees
	@$(REPRO) explain & explain=$$!; $(REPRO) stack calibrate forecast evaluate; forecast=$$?; \
	  wait $$explain && exit $$forecast
	@dvc repro
	@nbarank scorecard

quick: setup lint
	@pytest -n 2 --dist loadgroup -q -m "not slow and not real" $(SLOW_TESTS:%=--ignore=tests/%)

test: setup lint
	@pytest -n 2 --dist loadgroup

lint: setup
	@ruff check . && ruff format --check --quiet . && mypy && lint-imports --no-logo >/dev/null || { lint-imports; exit 1; }

docs: setup
	@NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet && echo "site/index.html"

setup: .venv/.ready

.venv/.ready: $(LOCK) pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11, 3.12 or 3.13 found. Next: install one, or make repro PYTHON=/path/to/python3.11"; exit 1; }
	@test -f "$(LOCK)" || { echo "$(PYTHON) is Python '$(VERSION)'; lock files exist for 3.11, 3.12 and 3.13. Next: make repro PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --requirement $(LOCK)
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# Without a matching lock file, make must print the message above, not "no rule to make target".
requirements/lock-.txt:
requirements/lock-%.txt: ;

clean:
	rm -rf .venv
