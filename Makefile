# Every target does its own set-up. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench clean

help:  ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 8

setup: $(READY)  ## Make .venv with everything that is pinned in constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit(f"Found: Python {v[0]}.{v[1]}. Expected: 3.11 or newer. Next: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (some minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup  ## Fit, score, predict and report on the breast-cancer table of scikit-learn
	@rm -rf demo
	$(BIN)/python scripts/demo_table.py demo
	$(BIN)/assay fit demo/breast_cancer_train.csv --target diagnosis --time 20 --out demo/run
	$(BIN)/assay evaluate demo/run demo/breast_cancer_test.csv
	$(BIN)/assay predict demo/run demo/breast_cancer_test.csv -o demo/labelled.csv
	$(BIN)/assay report demo/run

test: check  ## Lint, types, floors, then all tests
	$(BIN)/pytest

check: setup  ## Lint, types and floors only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: setup  ## Measure Assay and its peers, growth, the engine, kinds of networks, variants (a night, resumable)
	$(BIN)/python bench/run.py
	$(BIN)/python bench/growth.py
	$(BIN)/python bench/training.py
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[pretrained]'
	$(BIN)/python bench/networks.py
	$(BIN)/python bench/variants.py

clean:  ## Remove environments, demo and caches (not runs or benchmark results)
	rm -rf .venv .venvs demo build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
