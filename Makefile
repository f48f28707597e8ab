# Everything runs in an environment of its own, .venv, whatever else is active. Only Python 3.11+, pip and git are needed.
# The benchmarks and the mutants have others, .venv-bench and .venv-mutants: what only they need must not be there when the
# tests say what the kit needs.

VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
BENCH := .venv-bench
BENCH_READY := $(BENCH)/.ready
MUTANTS := .venv-mutants
MUTANTS_READY := $(MUTANTS)/.ready

# Settings of another environment that would reach into ours.
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PYTEST_ADDOPTS PYTEST_PLUGINS

.DEFAULT_GOAL := help
.PHONY: help demo test lint format coverage bench bench-run bench-contract bench-review kill-matrix template-matrix review-matrix mutants clean

help:
	@echo "make demo      start a source from the template, test it, run it, and see its records arrive"
	@echo "make test      run the whole test suite"
	@echo "make lint      check style and types"
	@echo "make format    put the code into its style"
	@echo "make coverage  run the test suite, and show which lines it did not reach"
	@echo "make bench     measure what a record costs, beside other SDKs (5 minutes; ARGS=--quick: one)"
	@echo "make bench-run  measure records a second of panoply run, beside the same pipelines by hand, and beside dlt"
	@echo "make bench-contract  measure what it costs to observe a source, and to judge it"
	@echo "make bench-review  measure how long the review of a project takes, and what takes how long in it (five minutes)"
	@echo "make kill-matrix  show which check catches which wrong source (ten minutes; ARGS=--all: an hour)"
	@echo "make template-matrix  take every answer to the template's questions through everything (two hours; ARGS=--sample: minutes)"
	@echo "make review-matrix  take every way to break a rule of the review, and what only looks like it, to the whole review (an hour; ARGS=--first: ten minutes)"
	@echo "make mutants   break the checks in a thousand small ways, and show what no source and no test notices"
	@echo "make clean     remove all that these commands have made"

demo: $(READY)
	@$(PY) -m demo

# One more than there are processors: many a test waits for a process, or for a time to pass.
test: $(READY)
	@$(PY) -m pytest -n $$($(PY) -c 'import os; print((os.cpu_count() or 1) + 1)') --dist worksteal $(ARGS) \
	  && echo "make test: it works, every test passed." \
	  || { echo "make test: it does NOT work, see the failures above."; exit 1; }

lint: $(READY)
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	$(PY) -m mypy --strict tests/typing/api.py

format: $(READY)
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

coverage: $(READY)
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest $(ARGS)
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report

bench: $(BENCH_READY)
	@$(BENCH)/bin/python -m benchmarks $(ARGS)

kill-matrix: $(READY)
	$(PY) tests/panoply_testing/kill_matrix.py $(ARGS) build/kill-matrix.md

template-matrix: $(READY)
	$(PY) tests/template/matrix.py $(ARGS)
	PANOPLY_ALL_MISTAKES=yes $(PY) -m pytest -n auto tests/template/test_usual_mistakes.py

review-matrix: $(READY)
	$(PY) tests/panoply_testing/review/matrix.py $(ARGS)

bench-run: $(BENCH_READY)
	@$(BENCH)/bin/python -m benchmarks.pipelines $(ARGS)

bench-contract: $(READY)
	@$(PY) -m benchmarks.contract

bench-review: $(READY)
	@$(PY) -m benchmarks.review $(ARGS)

mutants: $(MUTANTS_READY)
	@$(MUTANTS)/bin/python tests/mutants $(ARGS)

$(READY): WANTED := --editable '.[all]' --group dev
$(BENCH_READY): WANTED := --editable '.[cli,warehouse]' --group bench
$(MUTANTS_READY): WANTED := --editable '.[all]' --group mutants

# The newest Python that is new enough; PYTHON=... chooses another. Some systems ship Python without ensurepip: there,
# pip is installed into the environment by the pip outside it.
$(READY) $(BENCH_READY) $(MUTANTS_READY): %/.ready: pyproject.toml Makefile
	@set -e; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "This needs Python 3.11 or newer, and there is none on PATH. Name one: make PYTHON=/path/to/python3" >&2; exit 1; fi; \
	echo "Setting up $* with $$("$$found" --version) (once; about a minute) ..."; \
	rm -rf $*; \
	"$$found" -m venv $* >/dev/null 2>&1 \
	  || { rm -rf $*; "$$found" -m venv --without-pip $* && "$$found" -m pip --python $*/bin/python install --quiet pip; }; \
	$*/bin/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'; \
	$*/bin/python -m pip install --quiet --disable-pip-version-check $(WANTED)
	@touch $@

clean:
	rm -rf $(VENV) $(BENCH) $(MUTANTS) .demo .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
