PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed

.PHONY: demo test slow lint docs linkcheck bench clean

demo: $(STAMP)  ## the main job on the embedded digits: train all models, judge them, write demo/report.html
	$(BIN)/genlearn compare digits --budget 140s --out demo

test: $(STAMP) lint  ## what CI runs
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder

slow: $(STAMP)  ## tests that train for minutes; real data is looked up under $$GENLEARN_DATA
	$(BIN)/python -m pytest -m slow

lint: $(STAMP)
	$(BIN)/ruff check src tests benchmarks examples docs packaging
	$(BIN)/ruff format --check src tests benchmarks examples docs packaging
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(STAMP)  ## the site, build/docs/index.html: pages from docstrings, the gallery executed, links checked
	$(BIN)/python docs/generate.py
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -c docs/site docs build/docs

linkcheck: docs  ## whether links to other sites lead somewhere; needs the internet
	$(BIN)/python -m sphinx -b linkcheck -c docs/site docs build/linkcheck

$(STAMP): pyproject.toml constraints.txt
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(STAMP)

clean:
	rm -rf .venv demo build dist .mypy_cache .ruff_cache .pytest_cache
