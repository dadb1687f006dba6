# The commands of this project. `make` alone lists them.
#
# Everything lives in .venv, which the first target that needs it makes. Needed from the system: make, and Python
# 3.11 or newer with venv. Another Python: `make run PYTHON=/path/to/python3.12`.

PYTHON ?= python3
VENV := .venv
# Always `python -m`: the scripts beside it name an absolute path, and break when the folder is moved.
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed

# Under `env -i` there is no PATH at all, and Python cannot tell where it is itself.
export PATH := $(or $(PATH),/usr/local/bin:/usr/bin:/bin)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test test-long test-browser screenshot interop chaos check bench bench-smpp lock clean
.DELETE_ON_ERROR:

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: $(STAMP)  ## start everything here, and say what to open and what to dial
	@exec $(PY) -m simulator demo

test: $(STAMP)  ## every test, in its short profile; ARGS= goes to pytest
	$(PY) -m pytest -n 2 --dist loadfile -rs $(ARGS)

test-long: $(STAMP)  ## the full property and virtual-time profiles
	LONG=1 $(PY) -m pytest -n 2 --dist loadfile -rs $(ARGS)

test-browser: $(STAMP)  ## the page of handsets in a Chromium: /usr/bin/chromium, or BROWSER=
	BROWSER_TESTS=needed $(PY) -m pytest -rs tests/browser $(ARGS)

screenshot: $(STAMP)  ## take the picture of the README anew, of the page as it is
	$(PY) -m tests.browser.screenshot docs/handsets.png

interop: $(STAMP)  ## Kannel, Net::SMPP, tshark against our two ends of SMPP; as root, installs what is missing
	$(PY) -m tests.interop
	INTEROP_TESTS=needed $(PY) -m pytest -n 2 --dist loadfile -rs tests/interop $(ARGS)

chaos: $(STAMP)  ## seeded faults over several processes, and an audit; SEED=, RUNS=, SECONDS=
	$(PY) -m tests.chaos --seed $(or $(SEED),1) --runs $(or $(RUNS),5) --seconds $(or $(SECONDS),20)

check: $(STAMP)  ## lint, format, types, import ranks, menus and packs
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command as main; main()'
	$(PY) -m yamllint --strict compose.yaml deploy/alerts.yml deploy/smpp.yaml gateway/smpp/profiles.yaml menus simulator/dialogues simulator/load
	$(PY) -m gateway check bolshe
	@echo
	@echo "make check: passed. Not run here: the image is not built and compose.yaml is not started, as both need a"
	@echo "container engine; tests/unit/test_deploy_files.py reads them instead (docs/deploy.md)."

bench: $(STAMP)  ## the benchmark report, USSD and SMS; SHORT=1 for the short form; CONNECTIONS=, OUTSTANDING= the load
	$(PY) -m tests.benchmarks

bench-smpp: $(STAMP)  ## its part of SMS, with Kannel beside it where Kannel is installed
	$(PY) -m tests.benchmarks sms

lock: $(STAMP)  ## choose versions anew: requirements.lock and deploy/*.lock
	$(PY) -m uv $(COMPILE) --upgrade --extra embedded --extra dev pyproject.toml -o requirements.lock
	$(PY) -m uv $(COMPILE) --constraint requirements.lock pyproject.toml -o deploy/requirements.lock
	$(PY) -m uv $(COMPILE) --constraint requirements.lock deploy/build.in -o deploy/build.lock

COMPILE := pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--python-version 3.11

clean:  ## remove what the commands made, except var/, the demo's database
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find gateway simulator tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Made once; again when what it installs has changed.
$(STAMP): requirements.lock pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "$(PYTHON) was not found. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV) (once; about a minute) ..."
	@"$(PYTHON)" -m venv $(VENV)
	@$(PY) -m pip install --quiet --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
