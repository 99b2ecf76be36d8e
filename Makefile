# Two verbs for a newcomer: `make demo` and `make test`. Each sets up what it needs.

VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
STAMP = $(VENV)/.installed

.PHONY: demo test check fmt gen bench screenshots e2e docs package clean system

demo: $(STAMP)
	@$(BIN)/python tools/demo.py $(if $(VM),--vm)

test: system $(STAMP)
	@CHECKS="$(CHECKS)" tools/test.sh $(BIN)

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports

fmt: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

gen: $(STAMP)
	@for generator in tools/gen_*.py; do $(BIN)/python $$generator; done

bench: system $(STAMP)
	$(BIN)/python -m bench

screenshots: system $(STAMP)
	PYTHONPATH=src:. $(BIN)/python tools/screenshots.py

e2e: system $(STAMP)
	GUESTWIRE_FULL=1 SOAK=$(SOAK) $(BIN)/python -m pytest tests/e2e

docs: gen

package: $(STAMP)
	$(BIN)/python tools/package.py

system:
	@tools/system.sh

$(STAMP): pyproject.toml
	@tools/venv.sh $(PYTHON) $(VENV)
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .venv-* build dist
