# gonogo: one file, no recursion, no generator.  `make help` lists the words.

VERSION := 0.1.0
PREFIX  ?= /usr/local
# What is fuzzed is built by itself: libFuzzer is a part of clang.
ifneq ($(filter fuzz,$(MAKECMDGOALS)),)
override SAN := fuzz
endif
KIND     = $(or $(and $(filter thread,$(SAN)),tsan),$(and $(filter fuzz,$(SAN)),fuzz),san)
BUILD   ?= build$(if $(SAN),/$(KIND))
CC       = $(if $(filter fuzz,$(SAN)),clang,gcc)

PACKAGES := glib-2.0 libarchive libpq libcurl libcjson libzstd libcrypto yaml-0.1 \
            libxxhash libhs libpcre2-8 libisal expat
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Werror -Wshadow=local -Wstrict-prototypes -Wformat=2 \
           -Wmissing-prototypes -Wvla -Wno-missing-field-initializers
ifeq ($(SAN),thread)
SANITIZE = -fsanitize=thread -fno-omit-frame-pointer
else ifdef SAN
SANITIZE = -fsanitize=address,undefined -fno-omit-frame-pointer \
           -fno-sanitize-recover=undefined
else
HARDEN   = -D_FORTIFY_SOURCE=2
endif
ifeq ($(SAN),fuzz)
SANITIZE += -fsanitize=fuzzer-no-link
WARN      = -w # gcc has looked already
endif
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -Ilib -I. -include base/banned.h \
           -DGONOGO_VERSION='"$(VERSION)"' -ffile-prefix-map=$(CURDIR)=. \
           $(WARN) $(HARDEN) -fstack-protector-strong -fPIE $(SANITIZE) $(CFLAGS) \
           $(shell pkg-config --cflags $(PACKAGES))
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(SANITIZE) $(LDFLAGS)
LIBS      = $(shell pkg-config --libs $(PACKAGES)) -lm

PROGRAMS := gonogo gonogo-audit gonogo-backup gonogo-report
TOOLS    := audit backup report

obj     = $(patsubst %.c,$(BUILD)/%.o,$(1))
sources = $(wildcard $(1)/*.c $(1)/*/*.c)
LIB     := $(call sources,lib) $(if $(filter thread,$(SAN)),tests/harness/locks.c)
SIM     := $(wildcard tests/sim/*.c)
UNIT    := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | sort)
UNITS   := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT))

MAKEFLAGS += -j$(shell nproc)
.DELETE_ON_ERROR:
.SECONDARY:
say = $(if $(V),,@echo "  $(1)  $@";)
.PHONY: all check lint demo regen install clean help format setup units programs
.PHONY: race torture bench fuzz

all: setup programs

programs: $(BUILD)/meddle.so $(if $(wildcard gonogo.c),$(BUILD)/gonogo) \
	$(foreach t,$(TOOLS),$(if $(wildcard $(t)/main.c),$(BUILD)/gonogo-$(t))) \
	$(if $(SIM),$(BUILD)/bitbucket-sim)

help:
	@sed -n 's/^#: //p' Makefile

#: make            the programs, in build/
#: make check      unit tests, scenarios, the quick part of lint; ends in
#:                 "N passed, N failed"
#: make lint       floors, form, scripts, manuals, static analysis
#: make race       hot copies under pushes and gc, each proved; ROUNDS=1000
#: make torture    backups whose N-th call fails or is the last; POINTS=2000
#: make fuzz       readers of foreign bytes, by libFuzzer; T=reader S=seconds
#: make bench      ours against peers: PART=home or another, ARGS=options
#: make demo       a simulated cluster, and the whole job on it
#: make regen      write anew what is made of tables: schemas, templates
#: make install    programs, manuals, templates below DESTDIR and PREFIX
#: ONLY=pattern    make check: only the tests whose names match
#: SAN=1           the same under AddressSanitizer and UBSan
#: SAN=thread      the same under ThreadSanitizer: programs, and of make check
#:                 what works with threads, unless ONLY says otherwise
#: V=1             show the commands

# Missing Debian packages are installed first, with sudo when not root.
setup:
	@tests/harness/packages $(if $(filter fuzz,$(SAN)),clang libclang-rt-14-dev)

$(BUILD)/%.o: %.c | setup
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# One archive a room, so that a program links only what it uses.
$(BUILD)/lib.a: $(call obj,$(LIB))
	@rm -f $@
	@ar crsD $@ $^

define tool
$$(BUILD)/$(1).a: $$(call obj,$$(filter-out $(1)/main.c,$$(call sources,$(1))))
	@rm -f $$@
	@ar crsD $$@ $$^

$$(BUILD)/gonogo-$(1): $$(BUILD)/$(1)/main.o $$(BUILD)/$(1).a $$(BUILD)/lib.a
	$$(call say,LD)$$(CC) $$(ALL_LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

$(BUILD)/gonogo: $(BUILD)/gonogo.o $(BUILD)/lib.a
	$(call say,LD)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/bitbucket-sim: $(call obj,$(SIM)) $(BUILD)/lib.a
	$(call say,LD)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) \
	    $(shell pkg-config --libs libmicrohttpd)

# Preloaded into others, so without sanitizers and without our headers.
MEDDLE  := tests/torture/meddle.c tests/torture/power.c
$(BUILD)/meddle.so: $(MEDDLE) tests/torture/power.h | setup
	@mkdir -p $(@D)
	$(call say,CC)$(CC) -std=gnu17 -D_GNU_SOURCE -O2 -I. $(WARN) -fPIC -shared \
	    -o $@ $(MEDDLE)

# tests/unit/audit/rules/test_path.c sees audit and lib; tests of lib see lib.
room = $(filter $(TOOLS),$(firstword $(subst /, ,$(1))))
.SECONDEXPANSION:
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o \
		$$(addprefix $(BUILD)/,$$(addsuffix .a,$$(call room,$$*))) \
		$(BUILD)/lib.a
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

units: $(UNITS)

# Readers of foreign bytes: a room's table, and who makes up the bytes.
FUZZ    := lib $(TOOLS)
CORPORA := $(FUZZ:%=$(BUILD)/unit/fuzz/test_%)
FUZZERS := $(FUZZ:%=$(BUILD)/fuzz-%)
rooms    = $(call obj,tests/fuzz/common.c tests/fuzz/$(1).c) \
           $(addprefix $(BUILD)/,$(addsuffix .a,$(filter $(TOOLS),$(1)))) \
           $(BUILD)/lib.a

$(CORPORA): $(BUILD)/unit/fuzz/test_%: $(BUILD)/tests/fuzz/replay.o \
		$$(call rooms,$$*)
	@mkdir -p $(@D)
	$(call say,LD)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(FUZZERS): $(BUILD)/fuzz-%: $(BUILD)/tests/fuzz/fuzzer.o $$(call rooms,$$*)
	$(call say,LD)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

fuzz: $(FUZZERS)
	@tests/fuzz/fuzz $(BUILD) '$(T)' $(or $(S),60)

check: setup programs units $(CORPORA)
	@tests/harness/check $(BUILD)

ROUNDS ?= 1000
SEED   ?= 1
race: setup programs
	@GONOGO_BUILD=$(abspath $(BUILD)) tests/race/race --rounds $(ROUNDS) \
	    --seed $(SEED)

POINTS ?= 2000
torture: setup programs
	@GONOGO_BUILD=$(abspath $(BUILD)) tests/torture/torture.py \
	    --points $(POINTS) --seed $(SEED) \
	    --journal $(BUILD)/torture-$(SEED).journal
	@GONOGO_BUILD=$(abspath $(BUILD)) tests/torture/flip --seed $(SEED)
	@GONOGO_BUILD=$(abspath $(BUILD)) tests/torture/sealed \
	    --points $(or $(SEALED),$(shell expr $(POINTS) / 10)) --seed $(SEED)

PART ?= home
bench: setup programs
	@GONOGO_BUILD=$(abspath $(BUILD)) tests/bench/bench $(PART) $(ARGS)

lint: setup
	@tests/lint/lint $(BUILD)

demo: setup programs
	@tests/harness/demo $(BUILD)

regen: units
	@tests/harness/regen $(BUILD)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: programs
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/gonogo \
	    $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 $(addprefix $(BUILD)/,$(PROGRAMS)) \
	    $(DESTDIR)$(PREFIX)/bin
	cp -R --parents templates audit/packs $(DESTDIR)$(PREFIX)/share/gonogo
	for page in docs/man/*.[157]; do \
	    install -m 644 "$$page" \
	        $(DESTDIR)$(PREFIX)/share/man/man"$${page##*.}"; done

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
