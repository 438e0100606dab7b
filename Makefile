# pictory: the C library. `make help` lists what can be made.

CARGO = cargo
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow

# Where cargo builds: CARGO_TARGET_DIR, or what cargo's configuration says.
TARGET := $(shell CARGO='$(CARGO)' packaging/target-dir.sh)
ifneq ($(words $(TARGET)),1)
$(error pictory cannot be built into '$(TARGET)', which has a blank in its name: set CARGO_TARGET_DIR)
endif

VERSION := $(shell sed -n '/^version = /{s/.*"\(.*\)"/\1/p;q;}' Cargo.toml)

# What the static library needs of the system, as `rustc --print native-static-libs` says.
NATIVE = -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

EXAMPLES = get_job wait_job parse_job threads watch_jobs event_loop ready download_all continuation
DEMO_JOB = 4a09edf9-d071-4847-bda5-8dea913d80fe

# Not CC: a crate that compiles C would be built anew whenever it differs from cargo's own choice.
export CARGO

# The command-line tool: one program of several parts.
TOOL = $(sort $(wildcard tool/*.c))
HEADERS = include/pictory.h $(sort $(wildcard examples-c/*.h tool/*.h))

# Where there is a C++ compiler: all the rest needs none.
CXX_EXAMPLES = $(if $(shell command -v $(firstword $(CXX))),wait_job-cpp)

.PHONY: all release emulator debug demo test check prove pictures bench abi counts clean help

all: release $(addprefix $(TARGET)/examples-c/,$(EXAMPLES) $(CXX_EXAMPLES)) $(TARGET)/tool/pictory installable

# Built for C alone, in a folder of its own: with the rlib beside them, cargo leaves link-time optimisation
# out, and any other build would put such a library in the place of this one. LLVM repeats less code in it than
# it would by itself: docs/PERFORMANCE.md has what that costs and gives.
COMPACT = -C llvm-args=-inline-threshold=25 -C llvm-args=-jump-threading-threshold=2 -C llvm-args=-align-loops=1 -C llvm-args=-tail-dup-placement=0
release:
	$(CARGO) rustc --locked --release --lib --crate-type cdylib,staticlib --target-dir $(TARGET)/library -- \
	    $(COMPACT)
	packaging/place-library.sh $(TARGET)/library/release $(TARGET)/release

# What is linked with it is made anew where it has changed.
$(TARGET)/release/libpictory.so $(TARGET)/release/libpictory.a: release
	@:

# By a profile of its own, and so in a folder of its own.
emulator:
	$(CARGO) build --locked --profile emulator --example emulator

# The unoptimised library builds in a fraction of the time: it serves the demo and the tests.
debug:
	$(CARGO) build --locked --lib --example emulator
	ln -sf libpictory.so $(TARGET)/debug/libpictory.so.1

# Their library is found beside them, wherever the folder is moved to.
LINK_RELEASE = -L$(TARGET)/release -lpictory -pthread -Wl,-rpath,'$$ORIGIN/../release'
LINK_DEBUG = -L$(TARGET)/debug -lpictory -pthread -Wl,-rpath,'$$ORIGIN/..'

$(TARGET)/examples-c/%: examples-c/%.c $(HEADERS) | release
	@mkdir -p $(@D)
	$(CC) -std=c99 $(CFLAGS) $(WARNINGS) -Iinclude -o $@ $< $(LINK_RELEASE)

$(TARGET)/tool/pictory: $(TOOL) $(HEADERS) | release
	@mkdir -p $(@D)
	$(CC) -std=c99 $(CFLAGS) $(WARNINGS) -Iinclude -o $@ $(TOOL) $(LINK_RELEASE)

$(TARGET)/examples-c/%-cpp: examples-c/%.cpp include/pictory.hpp include/pictory.h | release
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(CFLAGS) $(WARNINGS) -Iinclude -o $@ $< $(LINK_RELEASE)

$(TARGET)/debug/examples-c/%: examples-c/%.c $(HEADERS) | debug
	@mkdir -p $(@D)
	$(CC) -std=c99 $(CFLAGS) $(WARNINGS) -Iinclude -o $@ $< $(LINK_DEBUG)

$(TARGET)/debug/tool/pictory: $(TOOL) $(HEADERS) | debug
	@mkdir -p $(@D)
	$(CC) -std=c99 $(CFLAGS) $(WARNINGS) -Iinclude -o $@ $(TOOL) $(LINK_DEBUG)

# TERM=dumb: each poll on a line of its own.
demo: debug $(TARGET)/debug/examples-c/wait_job $(TARGET)/debug/tool/pictory
	@TERM=dumb emulator/with-emulator.sh $(TARGET)/debug/examples/emulator \
	    emulator/demo.sh $(TARGET)/debug $(TARGET)/demo $(DEMO_JOB)

include packaging/install.mk packaging/archives.mk

test:
	@tests/checks/run tests/checks/basic $(ONLY)

check:
	@tests/checks/run tests/checks $(ONLY)

# What the documents claim to survive, replayed: see emulator/scenarios/claims.
prove: debug $(TARGET)/debug/tool/pictory
	@emulator/prove.sh $(TARGET)/debug/examples/emulator $(TARGET)/debug/tool/pictory $(ONLY)

# Of the documents, from what the tool writes down of a wait and a download.
pictures: debug $(TARGET)/debug/tool/pictory
	docs/pictures/make.sh $(TARGET)/debug/examples/emulator $(TARGET)/debug/tool/pictory docs/pictures

# Against libcurl and others: see docs/PERFORMANCE.md.
bench: release
	@benches/run

# Records the counts that make check compares.
counts:
	@RECORD_COUNTS=1 tests/checks/run tests/checks counts

# Records what was added to the header; anything but an addition is refused.
abi:
	@RECORD_ABI=1 tests/checks/run tests/checks abi

clean:
	$(CARGO) clean

help:
	@echo 'make          the library and the examples, optimised, into $(TARGET)/'
	@echo 'make demo     build, and get an example job and its video from an emulator of the API: no key'
	@echo 'make test     all that needs only Rust, a C and a C++ compiler and make'
	@echo 'make check    what needs more tools; says which are missing; ONLY=name runs one, as make test does'
	@echo 'make prove    replay what it claims to survive, and print claim and outcome; ONLY=name replays one'
	@echo 'make pictures draw the pictures of the documents anew, from a wait and a download that are played'
	@echo 'make bench    measure it against libcurl and others; some need more tools, which it names'
	@echo 'make counts   record system calls, instructions and bytes, after make check has complained'
	@echo 'make abi      record functions and codes that were added, after make check has missed them'
	@echo 'make install  library, headers, tool and emulator to PREFIX (/usr/local), below DESTDIR; also LIBDIR, INCLUDEDIR'
	@echo 'make uninstall  remove just that'
	@echo 'make dist     the source with all crates, in an archive that builds without a network'
	@echo 'make deb      Debian packages: libpictory1, libpictory-dev and the tool'
	@echo 'make binaries  archives for systems without Rust, by zig; ONLY="TARGET..." makes some of them'
	@echo 'make clean    remove all that was built'
