# Each target is a line that a person could type. `make` alone shows what there is.
PYTHON ?= python3
BIN = .venv/bin
# Made last: a set-up that was interrupted begins again, in an empty .venv.
READY = .venv/ready
BEGUN = .venv/begun
# The kernel `python3` is that of .venv, whatever else is installed.
export JUPYTER_PATH := $(CURDIR)/.venv/share/jupyter$(if $(JUPYTER_PATH),:$(JUPYTER_PATH))

help:  ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-10s%s\n", $$1, $$2}' Makefile

demo: $(READY)  ## set up, train the six networks on drawn faces, build their report
	mkdir -p build/demo/runs
	cp runs/demo.toml build/demo/runs/study.toml
	$(BIN)/snakemake --directory build/demo --cores all --set-threads train=1 \
	    --config data=demo

test: $(READY)  ## set up, pass the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

report: $(READY)  ## build the report from the committed runs
	$(BIN)/jupyter-book build book -W --keep-going --all

readme: $(READY)  ## carry the committed runs' results into the README
	$(BIN)/python -m fer_lib.report.readme

sync: $(READY)  ## carry edits of notebooks/*.py into the .ipynb
	$(BIN)/jupytext --to ipynb --update notebooks/*.py

lock: $(READY)  ## renew requirements.lock from pyproject.toml
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --quiet --extra cpu --extra jax --extra slurm --extra faces --extra dev \
	    --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --output-file requirements.lock

.venv: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14) and \
	    "fer-lib needs Python 3.11, 3.12 or 3.13: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(if $(wildcard $(BEGUN)),--clear) .venv
	touch $(BEGUN)
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	mv $(BEGUN) $(READY)

.PHONY: .venv help demo test report readme sync lock
