# Everything sets itself up: a new clone needs nothing but make and Python 3.11 or newer.

.DEFAULT_GOAL := help
.PHONY: help run test format lock pictures

BIN := .venv/bin
export PYTHON

help: ## this list
	@sed -n 's/^\([a-z]*\): ## /  make \1\t/p' Makefile | expand -t 16

run: ## start the bot; without a Discord token, the playground in a browser tab
	@deploy/set-up run
	@exec $(BIN)/python -m bot

test: ## every check that CI runs
	@deploy/set-up test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

format: ## bring the code, the example settings and their table into shape
	@deploy/set-up test
	$(BIN)/python deploy/write-settings
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## choose new versions of what the bot is built on
	@deploy/set-up run
	@deploy/lock-versions $(BIN)/python

pictures: ## take the screenshots of docs/ anew
	@deploy/set-up test
	ATELIER_PICTURES=yes $(BIN)/python -m pytest -q tests/end_to_end/test_newcomers_minute.py tests/end_to_end/test_moderators_screens.py
