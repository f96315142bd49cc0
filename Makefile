# Every target works in a fresh clone: it makes .venv and installs what it needs first.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
# On all cores, which pip does not; some packages ship files that are no Python of this version.
COMPILE := $(BIN)/python -m compileall -qq -j 0 .venv/lib evolve sandbox || true
PROBLEM ?= problems/bin_packing
SECONDS_ ?= 60
KIND ?= auto

.DEFAULT_GOAL := help
.PHONY: help run meta-demo install test test-slow check bench sandbox-image clean

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

run: .venv/installed ## Search problems/bin_packing for about a minute (PROBLEM=..., SECONDS_=...)
	@$(BIN)/evolve run $(PROBLEM) --seconds $(SECONDS_)

meta-demo: .venv/installed ## Run a small campaign over scaffolds with the stand-in model (a few minutes)
	@$(BIN)/python -m benchmarks.meta_demo

install: .venv/installed ## Make .venv with the evolve command in it

test: .venv/tools ## Run the test suite but for its slow part
	$(BIN)/pytest -m "not slow"

test-slow: .venv/tools ## Run the slow part of the test suite
	$(BIN)/pytest -m slow

check: .venv/tools ## Lint, types, and the contract that imports point down
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/tools ## Print every figure of docs/performance.md (takes half an hour)
	$(BIN)/python -m benchmarks

sandbox-image: .venv/installed ## Make the image candidates run in (KIND=auto|dockerfile|host|debian)
	@$(BIN)/python -m evolve.sandbox.images --kind $(KIND)

clean: ## Remove .venv and caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "evolve needs Python 3.11 or newer; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "this Python has no venv; on Debian: apt-get install python3-venv" >&2; exit 2; }
	@echo "Installing into .venv (once, a minute or two) ..."
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/python pyproject.toml constraints.txt
	@$(PIP) -e .
	@$(COMPILE)
	@touch $@

.venv/tools: .venv/python pyproject.toml constraints.txt
	@$(PIP) -e ".[dev,postgres]"
	@$(COMPILE)
	@touch $@ .venv/installed
