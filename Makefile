# Everything starts from a bare Python 3.11+ and make: the environment lives in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
, := ,
# uv is quick; pip is what remains where uv cannot reach the packages.
install = $(BIN)/uv pip install --quiet --python $(BIN)/python --editable '$(1)' || $(BIN)/python -m pip install --quiet --editable '$(1)'

.PHONY: setup demo test check bench bench-setup docs notebooks torture browser clean

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit("Valles needs Python 3.11 or newer, found " + sys.version.split()[0] + ": call make PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv

# The program alone: what a user needs.
$(VENV)/.run: $(BIN)/uv pyproject.toml tools/build_hook.py
	$(call install,.)
	touch $@

# The program with everything its developers use.
$(VENV)/.dev: $(BIN)/uv pyproject.toml tools/build_hook.py
	$(call install,.[dev$(,)docs$(,)notebooks$(,)postgresql])
	touch $@ $(VENV)/.run

setup: $(VENV)/.dev

demo: $(VENV)/.run
	$(BIN)/valles demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -m 'not browser and not torture' --numprocesses auto --dist loadfile

browser: $(VENV)/.dev
	$(BIN)/python -m pytest -m browser

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/web.py check

bench-setup: $(VENV)/.dev
	$(BIN)/python benchmarks/setup.py

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/run.py

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

notebooks: $(VENV)/.dev
	$(BIN)/python -m pytest --nbmake --nbmake-timeout=600 -p no:cacheprovider notebooks

torture: $(VENV)/.dev
	$(BIN)/python -m pytest -m torture tests/torture

clean:
	rm -rf $(VENV) build dist docs/_build web/node_modules api/static/app
