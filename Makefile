# The one list of tasks; CI calls the same names.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help setup demo test lint bench messages lock front docs

help: ## list the tasks
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade pip

$(VENV)/.run: requirements/run.lock pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@touch $@

setup: $(VENV)/.dev ## install everything that developing and testing need

demo: $(VENV)/.run ## start the demo district (options: PORT=8000 CASES=20000)
	$(BIN)/siquan demo --port $(or $(PORT),8000) --cases $(or $(CASES),20000)

test: setup ## run the whole test suite (options: ARGS="-k name")
	$(BIN)/python -m pytest -n 2 $(ARGS)

lint: setup ## format, lint, types, import contract, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	find siquan -name '*.html' | xargs $(BIN)/djade --check --target-version 5.2
	$(BIN)/python tools/compile_messages.py --check
	$(BIN)/python -m siquan django makemigrations --check --dry-run

bench: setup ## measure, and print the figures with the machine
	$(BIN)/python -m benchmarks

messages: ## compile the translations (PY=python to use another interpreter)
	$(or $(PY),$(BIN)/python) tools/compile_messages.py

lock: ## pin every dependency with its hash
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -o requirements/dev.lock

front: ## build the vendored browser libraries from the npm lock
	cd front && npm ci --ignore-scripts && node build.mjs
