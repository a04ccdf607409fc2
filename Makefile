# Nothing is needed before `make lab` or `make test` but git, make and Python 3.11 or newer.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BOOTSTRAP = $(PYTHON) labs_lib/course/bootstrap.py
LABS = .venv/bin/python -m labs_lib

.PHONY: lab test setup notebooks stubs bench lint

lab:            ## make the environment, open JupyterLab on the first notebook
	$(BOOTSTRAP) lab

test:           ## make the environment, prove the whole course
	$(BOOTSTRAP) test

setup:          ## make the environment and nothing else
	$(BOOTSTRAP) setup

notebooks: setup  ## run every notebook anew and store its outputs
	$(LABS) render

stubs: setup    ## make the learner's modules from solutions/
	$(LABS) stubs

bench: setup    ## print the measurements of benchmarks/
	.venv/bin/python -m benchmarks

lint: setup     ## ruff and mypy
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
