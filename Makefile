PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(if $(wildcard $(BIN)/python),$(BIN)/python,$(PYTHON))

.PHONY: help setup demo test lint bench messages front docs

help: ## list the tasks
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /	/'

messages: ## compile the translations
	$(PY) -m babel.messages.frontend --quiet compile -D django -d siquan/base/kernel/locale || true
