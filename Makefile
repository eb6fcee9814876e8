# Every command that a developer or an operator of the demonstration needs: `make help`.
# PORT, PERSONS and JUZHU_HOME reach `juzhu run` through the environment, written before or after
# `make run`. PYTHON chooses the interpreter that .venv is made with.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install run dev test quick check format lint types contracts printed locks wheel lock upgrade bench clean

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
# Errors only: what a machine's own pip settings cause in warnings is no concern of this project.
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
# Wheels only: a package that has none for this machine would be built by tools that no hash covers.
LOCKED := $(PIP_INSTALL) --require-hashes --only-binary=:all:
CODE := audit cli db keys policies printing regulation resolvers schema server tools tests $(wildcard benchmarks)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- install -------------------------------------------------------------------------------------
# A stamp is written when its step has ended, so a step that was interrupted is done again.

install: $(VENV)/.installed ## make .venv with the locked runtime dependencies
	@:

$(VENV)/.created:
	@for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "making $(VENV) with $$($$python --version)"; \
			$$python -m venv $(VENV) && touch $@ && exit 0; \
			echo "error: $$python cannot make a virtual environment" >&2; \
			echo "hint: install its venv module (on Debian and Ubuntu: python3-venv), then make again" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "error: Python 3.11 or newer is needed, and none was found$(if $(PYTHON), as $(PYTHON))" >&2; \
	echo "hint: install it, or name it: make install PYTHON=/path/to/python3.11" >&2; \
	exit 1

$(VENV)/.locked: requirements.lock | $(VENV)/.created
	@echo "installing the locked packages (a minute on a slow line)"
	@$(LOCKED) --requirement requirements.lock
	@touch $@

# The project itself: no dependency is chosen here, and it is built with the locked hatchling.
$(VENV)/.installed: pyproject.toml $(VENV)/.locked
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	@echo "installing what tests and checks need"
	@$(LOCKED) --requirement requirements-dev.lock
	@touch $@

dev: $(VENV)/.dev ## add what tests and checks need
	@:

# --- serve ---------------------------------------------------------------------------------------

run: install ## serve a demonstration city on this machine (PORT, PERSONS, JUZHU_HOME)
	@$(BIN)/juzhu run

# --- prove ---------------------------------------------------------------------------------------
# One process of tests a core, each with a PostgreSQL of its own. Whoever is done takes over tests of
# the others.

JOBS ?= auto
PYTEST := $(BIN)/python -m pytest --numprocesses=$(JOBS) --maxprocesses=4 --dist=worksteal

test: dev ## run all tests, on SQLite and on a real PostgreSQL (JOBS)
	@$(PYTEST)

quick: dev ## run the tests that take less than a few seconds each (JOBS)
	@$(PYTEST) -m "not long"

check: format lint types contracts printed locks wheel ## everything CI asks before the tests

format: dev ## is the code formatted?
	@$(BIN)/ruff format --check --quiet . || { echo "hint: $(BIN)/ruff format ." >&2; exit 1; }

lint: dev ## does ruff have anything to say?
	@$(BIN)/ruff check --quiet .

types: dev ## mypy --strict over code, tests and tools
	@$(BIN)/mypy --no-error-summary $(CODE)

contracts: dev ## do imports point down?
	@$(BIN)/lint-imports --no-cache --no-logo

printed: dev ## is schema/schema.graphql the schema that is served?
	@$(BIN)/juzhu schema --check

locks: dev ## do both lock files belong to pyproject.toml?
	@$(BIN)/python -m tools.locks check

wheel: dev ## does the wheel carry every file of the packages?
	@$(BIN)/python -m tools.wheel

bench: dev ## measure against the peers; writes docs/benchmarks.md
	@$(BIN)/python -m benchmarks

# --- keep ----------------------------------------------------------------------------------------

lock: dev ## write both lock files anew, keeping the pins that still fit
	@$(BIN)/python -m tools.locks write

upgrade: dev ## write both lock files anew with the newest versions
	@$(BIN)/python -m tools.locks upgrade

clean: ## remove .venv and caches; keys and databases stay
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
