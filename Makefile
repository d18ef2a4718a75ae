# The project's commands. `make help` lists them.
#
# Everything is installed into .venv, from lock files with hashes, and again only when a lock has changed:
# a file in .venv (a "stamp") remembers when.

PORT ?= 8000
DATA ?= .data
SCALE ?= 1
# Which Python makes .venv. Left empty, the first of the usual names that is 3.11 or later.
PYTHON ?=

BIN = .venv/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet install
PYTEST = $(BIN)/python -m pytest
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes \
	--no-emit-index-url --no-header $(if $(UPGRADE),--upgrade)

.PHONY: help run test test-fast test-browser check lint format bench lock dev chromium
.DELETE_ON_ERROR:

help:  ## List these commands
	@sed -n 's/^\([a-z-]*\):.*  ## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

run: .venv/runtime.stamp  ## Open the demo on http://127.0.0.1:8000 (PORT=, DATA=)
	@INTERLOCAL_DATA="$(DATA)" exec $(BIN)/interlocal demo --port $(PORT)

test: dev chromium lint  ## Run everything: checks, tests on SQLite and PostgreSQL, tests in a browser
	$(PYTEST) -n 2 --engine both -m "not browser"
	$(MAKE) --no-print-directory test-browser

test-fast: dev  ## Run the tests on SQLite, without a browser
	$(PYTEST) -n 2 -m "not browser"

# One after another: two browsers at once on two cores take longer than one.
test-browser: dev chromium  ## Run the tests in a browser
	$(PYTEST) -m browser

check: lint test-fast  ## Check format, lint, types, import contracts and templates, then test-fast

lint: dev  ## The first half of check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint templates --lint --quiet

format: dev  ## Format the Python, and mend what can be mended safely
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: dev  ## Measure pages against a bare application on the same server (SCALE=10 for ten times the data)
	SCALE=$(SCALE) $(BIN)/python -m tests.bench

lock: dev  ## Write the lock files from pyproject.toml (UPGRADE=1 takes newer versions)
	$(LOCK) --group build --extra postgres --extra server --output-file requirements.lock
	$(LOCK) --group build --extra postgres --extra server --group dev --constraint requirements.lock \
		--output-file requirements-dev.lock

dev: .venv/dev.stamp  ## Install what developing needs

# Found, or installed by apt where that is allowed, or else by Playwright.
chromium: dev
	@$(BIN)/python -m tests.support.chromium

$(BIN)/python:
	@python=; \
	for each in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		if "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python="$$each"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Interlocal needs Python 3.11 or later: install it, or say where it is, as in: make run PYTHON=/opt/python3.12/bin/python3" >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "Python $$version here cannot make a virtual environment: install its venv module (Debian, Ubuntu: sudo apt install python$$version-venv) and try again." >&2; exit 1; \
	fi; \
	"$$python" -m venv --clear .venv

# The package itself is installed by the build backend in the lock, so that nothing unpinned is fetched.
.venv/runtime.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Interlocal into .venv (the first time takes about a minute)..."
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	@echo "Installing the tools for development..."
	@$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@
