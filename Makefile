# racelint. `make help` lists the targets; README.md tells what they need.
#
# Variables for the command line:
#   ARGS="check PATH"  what `make run` gives to racelint        BUILD=DIR    where everything built goes
#   CC=clang           the compiler                              CFLAGS=...   its optimisation flags (-O2)
#   PREFIX= DESTDIR=   where `make install` installs             WERROR=      lets warnings pass
#   HOMEPAGE=URL       the project's web page, for reports that link it
#   ONLY=NAME          `make test`: only runners with that name  V=1          shows every command
#   UPDATE=1           `make test`: rewrites expected outputs    EXTRA=...    more flags for compiling and linking
#   JOBS=N             `make test`: runners at a time (default: the number of processors)

VERSION = 0.1.0
BUILD ?= build
PREFIX ?= /usr/local
ARGS ?= check examples/
CFLAGS ?= -O2
WERROR ?= -Werror
EXTRA ?=
AR ?= ar
PYTHON ?= python3
HOMEPAGE ?=
FUZZ_TIME ?= 20
SCORE_INPUTS ?= ../shared
CORPUS ?=

# ---- What is compiled ------------------------------------------------------------------------------------------------

# Folders whose C files make the library. Every C file in them belongs to it, but the program's main().
FOLDERS ?= analyzer rules
SOURCES := $(filter-out analyzer/main.c,$(shell find $(FOLDERS) -name '*.c' | LC_ALL=C sort))
# The generator of the model tables takes what it needs from these layers; the tables complete the last one.
MODELC_LAYERS = analyzer/base/% analyzer/settings/% analyzer/models/%
MODELC_SOURCES := $(sort $(wildcard tools/modelc/*.c))
MODEL_FILES := $(shell find models -name '*.toml' | LC_ALL=C sort)
UNIT_SOURCES ?= $(sort $(wildcard tests/unit/*.c))
UNIT_SUITES := $(patsubst %,%_suite,$(basename $(notdir $(filter tests/unit/test_%,$(UNIT_SOURCES)))))
FUZZERS := $(basename $(notdir $(sort $(wildcard tests/fuzz/fuzz_*.c))))

TREE_SITTER = node_modules/tree-sitter/vendor/tree-sitter/lib
PYTHON_GRAMMAR = node_modules/tree-sitter-python/src
TOML_GRAMMAR = node_modules/@tree-sitter-grammars/tree-sitter-toml/src
SYNTAX_SOURCES = $(TREE_SITTER)/src/lib.c $(PYTHON_GRAMMAR)/parser.c $(PYTHON_GRAMMAR)/scanner.c \
	$(TOML_GRAMMAR)/parser.c $(TOML_GRAMMAR)/scanner.c

TABLES = $(BUILD)/gen/models_table
TABLES_OBJECT = $(if $(filter analyzer analyzer/models,$(FOLDERS)),$(TABLES).o)
BUILD_ID = $(BUILD)/gen/build_id
OBJECTS = $(SOURCES:%.c=$(BUILD)/%.o)
SYNTAX_OBJECTS = $(SYNTAX_SOURCES:%.c=$(BUILD)/%.o)
MODELC_OBJECTS = $(MODELC_SOURCES:%.c=$(BUILD)/%.o)
UNIT_OBJECTS = $(UNIT_SOURCES:%.c=$(BUILD)/%.o)
MODELC_PARTS = $(filter $(MODELC_LAYERS:%=$(BUILD)/%),$(OBJECTS)) \
	$(filter-out $(BUILD)/$(PYTHON_GRAMMAR)/%,$(SYNTAX_OBJECTS))
OUR_OBJECTS = $(sort $(OBJECTS) $(MODELC_OBJECTS) $(BUILD)/analyzer/main.o)
LIBRARY = $(BUILD)/libracelint.a

# ---- Flags -----------------------------------------------------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wmissing-prototypes -Wstrict-prototypes $(WERROR)
SYSTEM = -isystem $(TREE_SITTER)/include -isystem $(TREE_SITTER)
OUR_FLAGS = -std=c11 -D_DEFAULT_SOURCE -DRACELINT_VERSION=\"$(VERSION)\" -DRACELINT_HOMEPAGE=\"$(HOMEPAGE)\" \
	-Iinclude -Ianalyzer -I. -I$(BUILD)/gen \
	$(SYSTEM) $(WARNINGS) $(CFLAGS) $(EXTRA)
# Code of others is compiled as its authors do, without our warnings; -fno-sanitize: what it does is theirs to judge.
SYNTAX_FLAGS = -std=gnu11 -D_DEFAULT_SOURCE -I$(TREE_SITTER)/include -I$(TREE_SITTER)/src -w $(CFLAGS) $(EXTRA) \
	-fno-sanitize=undefined
LIBS = -lcjson -lxxhash -lutf8proc -lpthread -lm
CHECK_LIBS = -lcheck -lsubunit -lm -lrt -lpthread
ifeq ($(shell uname -s),Darwin)
BREW := $(shell brew --prefix 2>/dev/null)
SYSTEM += $(if $(BREW),-isystem $(BREW)/include)
LIBS += $(if $(BREW),-L$(BREW)/lib)
CHECK_LIBS = -lcheck
endif

ifeq ($(V),1)
say = @:
else
.SILENT:
say = @printf '  %-6s %s\n'
endif
LINTS = lint-layers lint-sizes lint-symbols lint-format lint-tidy
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all help setup run test test-packages unit debug test-debug threads lint $(LINTS) format bench fuzz score \
	install wheel dist deb clean dist-clean FORCE

# ---- Building --------------------------------------------------------------------------------------------------------

all: $(BUILD)/racelint $(LIBRARY) ## build the program and the library (the default)

$(BUILD)/racelint: $(BUILD)/analyzer/main.o $(LIBRARY)
	$(say) LINK $@
	$(CC) $(CFLAGS) $(EXTRA) -o $@ $^ $(LDFLAGS) $(LIBS)

$(LIBRARY): $(OBJECTS) $(TABLES_OBJECT) $(SYNTAX_OBJECTS) $(BUILD_ID).o $(BUILD)/gen/sources
	$(say) AR $@
	rm -f $@
	$(AR) qcs $@ $(filter %.o,$^)

$(OUR_OBJECTS): $(BUILD)/%.o: %.c Makefile $(BUILD)/gen/flags | $(BUILD)/gen/checked
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(OUR_FLAGS) -MMD -MP -c -o $@ $<

# Check's macros want functions that are visible without a declaration: the suites.
$(UNIT_OBJECTS): $(BUILD)/%.o: %.c Makefile $(BUILD)/gen/flags | $(BUILD)/gen/checked $(BUILD)/gen/unit_suites.def
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(OUR_FLAGS) -Wno-missing-prototypes -MMD -MP -c -o $@ $<

$(SYNTAX_OBJECTS): $(BUILD)/%.o: %.c Makefile $(BUILD)/gen/flags | $(BUILD)/gen/checked
	$(say) CC $<
	mkdir -p $(@D)
	$(CC) $(SYNTAX_FLAGS) -I$(<D) -MMD -MP -c -o $@ $<

$(BUILD)/gen/modelc.a: $(MODELC_PARTS) $(BUILD)/gen/sources
	$(say) AR $@
	rm -f $@
	$(AR) qcs $@ $(filter %.o,$^)

$(BUILD)/modelc: $(MODELC_OBJECTS) $(BUILD)/gen/modelc.a
	$(say) LINK $@
	$(CC) $(CFLAGS) $(EXTRA) -o $@ $^ $(LDFLAGS) $(LIBS)

$(TABLES).c: $(BUILD)/modelc $(MODEL_FILES) $(BUILD)/gen/sources
	$(say) MODELS $@
	$(BUILD)/modelc -o $@ models

$(TABLES).o: $(TABLES).c $(BUILD)/gen/flags
	$(say) CC $<
	$(CC) $(OUR_FLAGS) -MMD -MP -c -o $@ $<

# A checksum over all objects, and one over the checksums of each.
$(BUILD_ID).c: $(OBJECTS) $(TABLES_OBJECT) $(SYNTAX_OBJECTS) $(BUILD)/gen/sources
	$(say) ID $@
	printf '#include "base/build.h"\n\nconst char build_id[] = "%s/%s";\n' "$$(cat $(filter %.o,$^) | cksum)" \
		"$$(cksum $(filter %.o,$^) | cut -d ' ' -f 1-2 | cksum)" >$@

$(BUILD_ID).o: $(BUILD_ID).c $(BUILD)/gen/flags
	$(say) CC $<
	$(CC) $(OUR_FLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/unit_tests: $(UNIT_OBJECTS) $(LIBRARY)
	$(say) LINK $@
	$(CC) $(CFLAGS) $(EXTRA) -o $@ $^ $(LDFLAGS) $(CHECK_LIBS) $(LIBS)

# Files that only change when their contents do: the flags, the list of sources, the list of suites.
keep = mkdir -p $(@D); cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(BUILD)/gen/flags: FORCE
	mkdir -p $(@D)
	printf '%s\n' '$(CC) $(OUR_FLAGS)' '$(SYNTAX_FLAGS)' >$@.new
	$(keep)

$(BUILD)/gen/sources: FORCE
	mkdir -p $(@D)
	printf '%s\n' $(SOURCES) $(MODELC_SOURCES) $(MODEL_FILES) >$@.new
	$(keep)

$(BUILD)/gen/unit_suites.def: FORCE
	mkdir -p $(@D)
	printf 'SUITE(%s)\n' $(UNIT_SUITES) >$@.new
	$(keep)

# What the build needs is looked for once per set of flags, and named where it is missing.
$(BUILD)/gen/checked: $(BUILD)/gen/flags tools/setup.sh package-lock.json node_modules/.racelint-lock
	CC='$(CC)' tools/setup.sh --check build
	touch $@

# These come and go with node_modules; where they are missing, the check above says so.
$(SYNTAX_SOURCES) node_modules/.racelint-lock:

-include $(OUR_OBJECTS:.o=.d) $(UNIT_OBJECTS:.o=.d) $(SYNTAX_OBJECTS:.o=.d)

# ---- Using -----------------------------------------------------------------------------------------------------------

setup: ## install what building and testing needs
	CC='$(CC)' tools/setup.sh build test

run: setup ## set up, build, and lint examples/ (or ARGS="check PATH")
	$(MAKE) --no-print-directory all
	$(BUILD)/racelint $(ARGS) || test $$? -eq 1

test: setup ## set up, build, and run every test
	$(MAKE) --no-print-directory all $(BUILD)/unit_tests
	BUILD='$(BUILD)' ONLY='$(ONLY)' PYTHON='$(PYTHON)' tools/test.sh

test-packages: ## set up, build the packages and hooks, and try them
	CC='$(CC)' tools/setup.sh build test packages
	$(MAKE) --no-print-directory all
	BUILD='$(BUILD)' ONLY='$(ONLY)' PYTHON='$(PYTHON)' JOBS=1 tools/test.sh tests/packages

unit: $(BUILD)/unit_tests ## build and run the unit tests only
	$(BUILD)/unit_tests $(ONLY)

debug: ## build build/debug with sanitizers and the IR verifier
	$(MAKE) --no-print-directory $(DEBUG) all $(BUILD)/debug/unit_tests

test-debug: debug ## run every test on the debug build
	BUILD='$(BUILD)/debug' ONLY='$(ONLY)' PYTHON='$(PYTHON)' tools/test.sh

threads: ## run the tests on a build with the thread sanitizer
	$(MAKE) --no-print-directory $(THREADS) all $(BUILD)/threads/unit_tests
	BUILD='$(BUILD)/threads' ONLY='$(ONLY)' PYTHON='$(PYTHON)' tools/test.sh

DEBUG = BUILD='$(BUILD)/debug' CFLAGS='-g -O1 -fno-omit-frame-pointer' \
	EXTRA='-fsanitize=address,undefined -fno-sanitize-recover=all -DRACELINT_ARENA_MALLOC -DRACELINT_DEBUG'
THREADS = BUILD='$(BUILD)/threads' CFLAGS='-g -O1' EXTRA='-fsanitize=thread'
FUZZ = BUILD='$(BUILD)/fuzz' CC=clang CFLAGS='-g -O1 -fno-omit-frame-pointer' \
	EXTRA='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DRACELINT_ARENA_MALLOC \
	-DRACELINT_DEBUG -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION'

lint: ## check layers, sizes, unused functions and format, and run clang-tidy
	CC='$(CC)' tools/setup.sh --check build lint
	status=0; $(MAKE) --no-print-directory -k $(LINTS) || status=1; exit $$status


lint-layers:
	$(PYTHON) tools/lint/layers.py

lint-sizes:
	$(PYTHON) tools/lint/sizes.py

lint-symbols:
	$(PYTHON) tools/lint/symbols.py

lint-format:
	tools/lint/format.sh

# A file is looked at again when its object is, so that the second run is quick.
lint-tidy: $(OUR_OBJECTS:%.o=%.tidy)

$(OUR_OBJECTS:%.o=%.tidy): $(BUILD)/%.tidy: %.c $(BUILD)/%.o .clang-tidy
	$(say) TIDY $<
	clang-tidy --quiet $< -- $(OUR_FLAGS) 2>/dev/null
	touch $@

format: ## lay out our C files with clang-format
	tools/lint/format.sh --fix

bench: all ## time the analysis of Python's standard library
	$(PYTHON) tests/bench/bench.py $(BUILD)/racelint

fuzz: ## run each fuzzer for FUZZ_TIME seconds (clang)
	CC=clang tools/setup.sh --check build fuzz
	$(MAKE) --no-print-directory $(FUZZ) $(FUZZERS:%=$(BUILD)/fuzz/%)
	BUILD='$(BUILD)/fuzz' FUZZ_TIME='$(FUZZ_TIME)' tools/fuzz.sh $(FUZZERS)

$(FUZZERS:%=$(BUILD)/%): $(BUILD)/%: tests/fuzz/%.c $(LIBRARY)
	$(say) LINK $@
	$(CC) $(OUR_FLAGS) -Wno-missing-prototypes -fsanitize=fuzzer -o $@ $^ $(LDFLAGS) $(LIBS)

score: all ## score the program where the suite and the corpus are at hand
	tools/score.sh $(BUILD)/racelint '$(SCORE_INPUTS)' '$(CORPUS)'

install: all ## install program, manual pages, library and headers
	VERSION='$(VERSION)' tools/install.sh '$(BUILD)' '$(DESTDIR)' '$(PREFIX)' '$(LIBS)'

wheel: ## build a Python wheel with the program, in BUILD
	$(PYTHON) -m pip -q wheel --no-index --no-deps -w '$(BUILD)' .

dist: ## pack the source archive, which builds offline, in BUILD
	mkdir -p '$(BUILD)'
	$(PYTHON) tools/package/racelint_sdist.py '$(BUILD)'

deb: ## build a Debian package, in BUILD
	tools/package/deb.sh '$(VERSION)' '$(BUILD)'

clean: ## remove what was built
	rm -rf '$(BUILD)'

dist-clean: clean ## remove what was built and what was fetched
	rm -rf node_modules tools/sarif/node_modules tools/pythons/node_modules

help: ## list these targets
	sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  make %-14s %s\n", $$1, $$2 }'
