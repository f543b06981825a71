# Every target makes .venv what the lock says before it runs; nothing else has to be installed.
UV_VERSION := 0.13.9
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format soak contracts docs lock clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from the lock
	@sh scripts/setup-venv

demo: setup ## show the whole loop on a sample service, with no server and no key
	@.venv/bin/ironclaw demo

test: setup ## run the tests
	@sh scripts/setup-browser
	@$(PY) -m pytest -n auto

check: setup ## run what CI runs: linters, types, layers, tests, coverage
	@sh scripts/setup-browser
	$(PY) -m ruff check .
	$(PY) -m black --check --quiet .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PY) -m pytest -n auto --cov

format: setup ## order the imports and lay out the code
	@$(PY) -m ruff check --select I --fix --quiet .
	@$(PY) -m black --quiet .

soak: setup ## run the tests that take minutes
	@sh scripts/setup-browser
	@$(PY) -m pytest -m soak

contracts: setup ## hold the fake GitHub and our requests against the official descriptions
	@$(PY) -m pytest -m contracts tests/contracts

docs: setup ## write the pages that the code itself says
	@$(PY) scripts/make_docs.py

lock: setup ## make the lock files from pyproject.toml (UPGRADE=1: take newer versions)
	@UV_VERSION=$(UV_VERSION) UPGRADE=$(UPGRADE) sh scripts/make-lock

clean: ## remove .venv and what the tools leave behind
	@rm -rf .venv .venv-lock .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@rm -rf build dist .coverage .coverage.* htmlcov
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
