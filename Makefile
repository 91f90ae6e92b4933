# make install | demo | test | check | clean: each makes what it needs first, from git, make, python3 and python3-venv alone.

UV_VERSION := 0.13.9
AUDIT_VERSION := 2.10.1
PYTHON ?= python3
BIN := .venv/bin
# the machine's Python or none: uv would otherwise fetch one
export UV_PYTHON_DOWNLOADS := never
# whatever virtual environment the caller stands in, ours is .venv
unexport VIRTUAL_ENV
# a bot that is started forty times by the tests should not be compiled forty times
unexport PYTHONDONTWRITEBYTECODE
CHROMIUM := $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))

.DELETE_ON_ERROR:
.PHONY: help install demo test check campaign bench audit clean browser

help:
	@echo "make install  the bot and its tools, into .venv"
	@echo "make demo     the bot and a Telegram to try it on, in your browser (Ctrl-C ends it)"
	@echo "make test     all checks and tests, on SQLite and PostgreSQL"
	@echo "make check    format, lint, imports, types"
	@echo "make campaign the real bot while things go wrong, ten minutes: nothing may be lost or doubled"
	@echo "make bench    the measures of docs/benchmarks.md, a quarter of an hour on an idle machine"
	@echo "make audit    whether a known weakness stands in what the bot is built on (asks pypi.org)"
	@echo "make clean    take away everything that these have made"

install: .venv/synced

demo: .venv/synced
	$(BIN)/bln-bot demo

check: .venv/synced
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy

# The browser is looked for before anything else: ten minutes are a long time to learn that it is missing.
# Three workers for two cores: a test often waits for its database or its bot to wake up.
test: browser check
	$(BIN)/pytest -n 3 --dist worksteal --ignore=tests/benchmarks $(if $(CHROMIUM),,--ignore=tests/browser)

browser:
ifeq ($(CHROMIUM),)
ifneq ($(filter 1 true,$(CI)),)
	@echo "There is no Chromium, and CI tests the page in one: apt-get install chromium" >&2; exit 1
else
	@echo "No Chromium here: tests/browser is left out (apt-get install chromium)."
endif
endif

campaign: .venv/synced
	$(BIN)/python -m tests.campaign

bench: .venv/synced
	$(BIN)/python -m tests.benchmarks

# The locked versions with their hashes, so that nothing is resolved or installed to look at it.
audit: .venv/synced
	$(BIN)/uv export --quiet --frozen --no-dev --no-emit-project | \
		$(BIN)/uv tool run --quiet pip-audit@$(AUDIT_VERSION) --strict --require-hashes --disable-pip -r /dev/stdin

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/synced: $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv sync --locked --compile-bytecode  # or every process compiles everything anew
	@touch $@

$(BIN)/uv: Makefile
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "bln-bot needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@
