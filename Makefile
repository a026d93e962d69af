# make chat: install what is missing and open the chat page.   make test: the whole test suite.
PYTHON ?= python3
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 7860
BIN := $(VENV)/bin

.PHONY: chat install install-test test lint clean
chat: install
	$(BIN)/assistant serve --host $(HOST) --port $(PORT)

install: $(VENV)/.installed
install-test: $(VENV)/.installed-test

# A stamp that is newer than what it was made from: nothing changed, nothing to do.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 chat")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --constraint constraints.txt --editable ".[bundled]"
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/pip install --constraint constraints.txt --editable ".[bundled,test]"
	@touch $@

test: install-test
	$(BIN)/python -m pytest

lint: install-test
	$(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

clean:
	rm -rf $(VENV) build dist *.egg-info
