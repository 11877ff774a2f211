# Everything that people do here, by name. Needs Python 3.11 or newer, git and make; the rest is installed into .venv.

VENV := .venv
BIN := $(VENV)/bin
# twice the cores of a small machine: tests wait for clocks and for each other as long as they work
WORKERS ?= 4
ARGS ?=

# the first Python on this machine that is new enough and works
PYTHON ?= $(shell for name in python3.13 python3.12 python3.14 python3.11 python3 python; do \
	$$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$name && break; \
	done)
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --generate-hashes --universal --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help run test tour bench check format docs lock migration clean

help: ## Show what there is
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: $(VENV)/run.stamp ## Run the assistant: a demonstration, or live with a .env (stop with Ctrl-C)
	@$(BIN)/python -m bot run $(ARGS)

test: $(VENV)/dev.stamp ## Run all tests; some of them: make test ARGS="tests/unit -k phone"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

tour: $(VENV)/run.stamp ## Play a customer through every journey, and print the conversation
	@$(BIN)/python -m bot tour $(ARGS)

bench: $(VENV)/dev.stamp ## Measure what this machine can do
	@$(BIN)/python -m tests.benchmarks $(ARGS)

check: $(VENV)/dev.stamp ## Lint, types, layers, Dockerfile, lock files
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/python .ci/locks.py

format: $(VENV)/dev.stamp ## Format the code, and mend what can be mended
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

docs: $(VENV)/dev.stamp ## Write again what is generated: diagrams, table of settings, .env.example
	@$(BIN)/python docs/generate.py

lock: $(VENV)/dev.stamp ## Bring the lock files in step with pyproject.toml; newer versions: make lock ARGS=--upgrade
	@$(COMPILE) $(ARGS) -o requirements.lock
	@$(COMPILE) $(ARGS) --group dev -c requirements.lock -o requirements-dev.lock

migration: $(VENV)/dev.stamp ## Write a migration from the tables: make migration ARGS='"what it does"'
	@$(BIN)/python -m storage.migrations.revise $(ARGS)

clean: ## Remove the environment and what tools left behind
	@rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (on Debian: python3 and python3-venv)." >&2; exit 1; }
	@echo "Setting up $(VENV) (once; a minute or two) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# The lock files name every package with its hash, so nothing is resolved here: pip takes "coverage[toml]" of a pinned
# package for an unpinned requirement. The project itself is installed last, from this folder.
$(VENV)/run.stamp: requirements.lock | $(BIN)/python
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@.ci/browser $(BIN)/python
	@touch $@
