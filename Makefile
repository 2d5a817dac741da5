# make                 the programs, in build/
# make check           unit and system tests
# make check-unit      the unit tests alone; check-system, the system tests
# make check-versions  the full loop on PostgreSQL 13 to 18; VERSIONS="13 18"
# make check-fresh     the README's two commands in a bare Debian folder
# make check-mutants   each fault of test/mutants/ against the test that must
#                      find it; MUTANTS="claim-late label-before-wal"
# make check-asan      both under the address and undefined sanitizers
# make check-tsan      those of the agents under the thread sanitizer
# make valgrind        the unit tests under valgrind; ROOMS="wal pg"
# make demo            the main job, for real, on throwaway data
# make bench           ratios against reference pipelines; ROWS="wal base",
#                      ROUNDS=3, BENCH_SIZE=2G
# make fuzz            each fuzzer for FUZZ_SECONDS (clang)
# make lint            floors, style, static checkers, manual pages
# make install         PREFIX, DESTDIR as usual; make uninstall
# make deb, make rpm   packages of what is committed, in build/deb, build/rpm
# make check-packages  install, use, upgrade, remove and purge them, in bare
#                      Debian folders; RELEASES="bookworm trixie"
#
# SAN=address|thread, WERROR=1, CC=clang, B=build folder, V=1 to see commands
# and what tests say, NODEPS=1 to install nothing.

VERSION	= 0.1.0
PREFIX	?= /usr/local
CFLAGS	?= -O2 -g
PKGS	= libpq libssh liblzma libzstd libsodium jansson inih
CPPCHECK ?= cppcheck
FUZZ_SECONDS ?= 5

comma	:= ,
# What is done is shown in a word; V=1 shows the commands, make -s nothing.
Q	:= $(if $(V),,@)
SAY	:= @$(if $(or $(V),$(findstring s,$(firstword -$(MAKEFLAGS)))),:,echo)
B	?= build$(if $(SAN),-$(SAN))

# What we need is kept apart from what the user asks for (CFLAGS, LDFLAGS),
# so that "make CFLAGS=-Og" or a packager's flags never lose ours.
OUR_CPPFLAGS = -Ilib -D_GNU_SOURCE -DSEAWALL_VERSION='"$(VERSION)"' \
	$(if $(SAN),-DTOOL_DUMPABLE=1,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
OUR_CFLAGS = -std=c11 -pthread -Wall -Wextra -Wpedantic -Wshadow \
	-Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wpointer-arith -Wcast-qual -Wwrite-strings \
	-Wvla -Wformat=2 -Wundef -fno-common -fstack-protector-strong -fPIE \
	-ffunction-sections -fdata-sections $(PKG_CFLAGS)
OUR_LDFLAGS = -pthread -pie -Wl,-z,relro,-z,now -Wl,--as-needed \
	-Wl,--gc-sections
ifdef WERROR
OUR_CFLAGS += -Werror
endif
ifeq ($(SAN),address)
SANFLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
else ifeq ($(SAN),thread)
SANFLAGS = -fsanitize=thread -fno-omit-frame-pointer
endif
ifeq ($(SAN),fuzz)
SANFLAGS = -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
endif
OUR_CFLAGS += $(SANFLAGS)
OUR_LDFLAGS += $(SANFLAGS)

# What the goals need is installed before anything is looked up, not by
# "make -n".  NODEPS also keeps the makes that this one starts from asking.
GOALS	:= $(filter-out clean uninstall,$(or $(MAKECMDGOALS),all))
PACKING	:= deb rpm check-packages
LINTING	:= lint man valgrind fuzz run-fuzzers
NEEDS	:= $(if $(filter all install,$(GOALS)),build) \
	$(if $(filter demo,$(GOALS)),demo) \
	$(if $(filter check-versions,$(GOALS)),versions) \
	$(if $(filter $(LINTING),$(GOALS)),ci) \
	$(if $(filter $(PACKING),$(GOALS)),packages) \
	$(if $(filter-out all install demo check-versions check-fresh \
	$(LINTING) $(PACKING),$(GOALS)),check)
ifneq ($(if $(NODEPS)$(findstring n,$(firstword -$(MAKEFLAGS))),,$(GOALS)),)
ifneq ($(shell for l in $(NEEDS); do \
	packaging/install-deps --missing $$l; done),)
$(info $(shell for l in $(NEEDS); do \
	packaging/install-deps $$l >&2 || exit 1; done))
ifneq ($(.SHELLSTATUS),0)
$(error what is named above is missing; NODEPS=1 tries without)
endif
endif
endif
export NODEPS := 1

PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
TEST_LIBS  := -lcmocka

LIBSRC	:= $(wildcard lib/*/*.c)
CMDSRC	:= $(wildcard cmd/*.c)
UNITSRC	:= $(wildcard test/unit/*/*_test.c)
HELPSRC	:= $(wildcard test/lib/*.c)
DISKSRC	:= $(wildcard test/lib/disk/*.c)
SIMSRC	:= $(wildcard test/sim/*.c)
TOOLSRC	:= $(wildcard test/system/*.c test/bench/*.c)
FUZZSRC	:= $(wildcard test/fuzz/*.c)
SRC	:= $(LIBSRC) $(CMDSRC) $(UNITSRC) $(HELPSRC) $(DISKSRC) $(SIMSRC) \
	$(TOOLSRC) $(FUZZSRC)
LIB	:= $(B)/libseawall.a
CMDS	:= $(CMDSRC:cmd/%.c=$(B)/%)
UNITS	:= $(UNITSRC:test/unit/%.c=$(B)/unit/%)
AGENTS	:= $(filter $(addprefix $(B)/unit/,agent/% pusher/% prefetch/%),$(UNITS))
TOOLS	:= $(TOOLSRC:test/%.c=$(B)/test/%)
FAILING	:= $(CMDSRC:cmd/%.c=$(B)/test/failing/%)
PRELOAD	:= $(B)/test/diskcalls.so
LATER	:= $(B)/test/laterclock.so
FUZZERS	:= $(FUZZSRC:test/fuzz/%.c=$(B)/fuzz/%)
PAGES	:= $(wildcard cmd/*.1 cmd/*.7 conf/*.5)
UNITFILES := $(wildcard conf/*.service conf/*.timer)
SAMPLES	:= $(filter-out %.5 $(UNITFILES),$(wildcard conf/*))

COMPILE	= $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS)
LINK	= $(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS)

all: $(CMDS)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(SAY) "CC $<"
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(LIB): $(LIBSRC:%.c=$(B)/%.o)
	$(SAY) "AR $(@F)"
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(CMDS): $(B)/%: $(B)/cmd/%.o $(LIB)
	$(SAY) "LD $(@F)"
	$(Q)$(LINK) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$(UNITS): $(B)/unit/%: $(B)/test/unit/%.o $(HELPSRC:%.c=$(B)/%.o) $(LIB)
	@mkdir -p $(@D)
	$(SAY) "LD $(@F)"
	$(Q)$(LINK) -o $@ $(filter-out $(LIB),$^) $(LIB) $(PKG_LIBS) \
	    $(TEST_LIBS) $(LDLIBS)

$(TOOLS): $(B)/test/%: $(B)/test/%.o $(LIB)
	$(SAY) "LD $(@F)"
	$(Q)$(LINK) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$(FUZZERS): $(B)/fuzz/%: $(B)/test/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) "LD $(@F)"
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# The programs once more, with system calls and a store that fail: see
# test/lib/disk.  Tests that use them have this tool, too.
$(B)/test/system/powercut: $(B)/test/lib/diskreplay.o | $(FAILING)

$(FAILING): $(B)/test/failing/%: $(B)/cmd/%.o $(DISKSRC:%.c=$(B)/%.o) $(LIB)
	@mkdir -p $(@D)
	$(SAY) "LD failing/$(@F)"
	$(Q)$(LINK) -Wl,--wrap=store_open -o $@ $^ $(PKG_LIBS) $(LDLIBS)

# And for programs that are not ours (sftp-server): no sanitizer, which it
# does not have.
$(PRELOAD): test/lib/disk/diskcalls.c test/lib/disk/diskcalls.h \
    test/lib/disklog.h Makefile
	@mkdir -p $(@D)
	$(SAY) "LD $(@F)"
	$(Q)$(filter-out -fPIE $(SANFLAGS) -D_FORTIFY_SOURCE%, \
	    $(COMPILE)) -fPIC -shared -o $@ $<

# Another clock, for PostgreSQL, too.
$(LATER): test/lib/clock/laterclock.c Makefile
	@mkdir -p $(@D)
	$(SAY) "LD $(@F)"
	$(Q)$(filter-out -fPIE $(SANFLAGS) -D_FORTIFY_SOURCE%, \
	    $(COMPILE)) -fPIC -shared -o $@ $<
$(B)/test/system/later: | $(LATER)

# Those that look at what happens to files between two system calls, or let
# one of them fail.
DISKUNITS := $(patsubst test/unit/%.c,$(B)/unit/%,$(wildcard \
	test/unit/*/*_durable_test.c test/unit/*/*_refused_test.c)) \
	$(addprefix $(B)/unit/,restore/configdir_test datadir/walk_test \
	datadir/deltadir_test datadir/emptydir_test push/copier_test \
	push/basepush_test restore/unarchived_test)
$(DISKUNITS): $(B)/test/lib/disk/diskcalls.o | $(PRELOAD)

# This one sets the clock by which packs are closed.
$(B)/unit/backup/pack_test: OUR_LDFLAGS += -Wl,--wrap=clock_mono_ms

# This one counts what a limited tablespace may read and write.
$(B)/unit/push/copier_test: OUR_LDFLAGS += -Wl,--wrap=bucket_take

# This one does not wait for a lock that nobody gives back, and sees when one
# is taken.
$(B)/unit/tool/runhistory_test: OUR_LDFLAGS += -Wl,--wrap=nanosleep \
	-Wl,--wrap=flock

# And this one what is sent to syslog, whichever name the C library gives it.
$(B)/unit/tool/runlog_test: OUR_LDFLAGS += -Wl,--wrap=syslog \
	-Wl,--wrap=__syslog_chk

# This one sees when a file system is watched.
$(B)/unit/restore/restore_durable_test: OUR_LDFLAGS += -Wl,--wrap=syncset_add

# Its memory runs out.
$(B)/unit/codec/wal_test: OUR_LDFLAGS += -Wl,--wrap=realloc

# It counts what is allocated.
$(B)/unit/reuse/memory_test: OUR_LDFLAGS += $(addprefix -Wl$(comma)--wrap=,malloc \
	calloc aligned_alloc realloc reallocarray strdup free)

# Its hosts, its clocks and its PostgreSQL take the place of the real ones.
$(B)/unit/sim/sim_test: $(SIMSRC:%.c=$(B)/%.o)
$(B)/unit/sim/sim_test: OUR_LDFLAGS += $(addprefix -Wl$(comma)--wrap=, \
	store_open clock_now_us clock_mono_ms clock_jitter nanosleep getpid fsync \
	io_random $(addprefix crew_,new start lock unlock wait signal broadcast \
	check stopping stop_flag is_first end free) \
	$(addprefix hotbackup_,open start stop) pgsession_alive pgsession_free \
	pglists_config pgarchiver_get $(addprefix clusterfiles_,open next safe_time check \
	control free))

$(B)/test/unit/%.o: OUR_CPPFLAGS += -Itest/lib -Itest/sim
$(B)/test/sim/%.o: OUR_CPPFLAGS += -Itest/lib

# It makes the kernel look old, as a unit test does.
$(B)/test/system/no_openat2 $(B)/test/system/no_unshare: \
	$(B)/test/lib/oldkernel.o
$(B)/test/system/%.o: OUR_CPPFLAGS += -Itest/lib

# libFuzzer calls functions that nobody declares.
$(B)/test/fuzz/%.o: OUR_CFLAGS += -Wno-missing-prototypes

SYSTEM	:= $(wildcard test/system/*_test.sh)
SCRIPTS	:= packaging/install-deps test/run $(wildcard .ci/run test/*.sh \
	test/system/*.sh test/bench/*.sh test/bench/run test/mutants/run test/versions \
	test/fresh test/packages conf/notify-* conf/hook-* packaging/deb \
	packaging/rpm packaging/completion $(addprefix packaging/debian/,preinst \
	postinst prerm postrm))

check: tests

check-unit: $(UNITS)
	@B=$(B) test/run $(UNITS)

check-system: all $(TOOLS)
	@B=$(B) test/run $(SYSTEM)

check-versions: all $(TOOLS)
	@B=$(B) test/versions $(VERSIONS)

# A bare Debian folder with git and make alone; RELEASES="bookworm trixie".
check-fresh:
	@test/fresh $(RELEASES)

# Whether the tests find the faults in test/mutants/.
check-mutants:
	@B=$(B) test/mutants/run $(MUTANTS)

check-asan:
	$(MAKE) SAN=address tests

check-tsan:
	$(MAKE) SAN=thread check-agents

check-agents: $(AGENTS)
	@B=$(B) test/run $(AGENTS)

tests: all $(UNITS) $(TOOLS)
	@B=$(B) test/run $(SYSTEM) $(UNITS)

VALGRIND = valgrind -q --error-exitcode=99 --leak-check=full \
	--errors-for-leak-kinds=definite --suppressions=test/valgrind.txt
# Not under valgrind: what runs /proc/self/exe, which is valgrind there, what
# fills a descriptor table, which valgrind keeps larger, what forks amid
# threads, whose stacks are lost in the child, and the long models, which the
# sanitizers go through.
UNWRAPPED = $(addprefix $(B)/unit/,agent/% tool/agentconf_test \
	push/basepush_test sim/sim_test expire/expire_thief_test \
	expire/expire_model_test)
# ROOMS is which of them; all.
WRAPPED = $(filter $(addprefix $(B)/unit/,$(addsuffix /%,$(ROOMS))),$(UNITS))
valgrind: $(UNITS)
	@B=$(B) WRAP="$(VALGRIND)" test/run $(filter-out $(UNWRAPPED),\
	    $(if $(ROOMS),$(WRAPPED),$(UNITS)))

fuzz:
	$(MAKE) SAN=fuzz CC=clang CFLAGS="-O1 -g" run-fuzzers

run-fuzzers: $(FUZZERS)
	@B=$(B) FUZZ_SECONDS=$(FUZZ_SECONDS) test/fuzz.sh $(FUZZERS)

demo: all
	@B=$(B) test/system/demo.sh

bench: all $(TOOLS)
	@B=$(B) test/bench/run $(ROWS)

BANNED	= strcpy|strcat|sprintf|vsprintf|gets|ato[ifl]l?|alloca|system|strto[a-z]+|[a-z]*scanf|tmpnam|mktemp
lint: all man
	$(SAY) "floors"
	$(Q)B=$(B) test/floors.sh
	$(SAY) "banned functions"
	@! grep -nE '(^|[^a-zA-Z0-9_])($(BANNED))\(' $(LIBSRC) $(CMDSRC)
	$(SAY) "mutants apply"
	$(Q)test/mutants/run --apply
	$(SAY) "shellcheck"
	$(Q)shellcheck -x $(SCRIPTS)
	$(SAY) "cppcheck"
	$(Q)$(CPPCHECK) -q -j 2 --error-exitcode=1 --std=c11 -Ilib \
	    --enable=warning,portability,performance --inline-suppr \
	    --suppressions-list=test/cppcheck.txt lib $(wildcard cmd)

man:
	$(SAY) "mandoc -T lint"
	$(Q)$(if $(PAGES),mandoc -T lint -W warning $(PAGES))

# What is installed, below PREFIX, and as what: uninstall removes these.
MANS	:= $(foreach p,$(PAGES),share/man/man$(subst .,,$(suffix $p))/$(notdir $p))
COMPLETED := $(CMDSRC:cmd/%.c=share/bash-completion/completions/%)
INSTALLED = $(CMDSRC:cmd/%.c=bin/%) $(MANS) $(COMPLETED) \
	share/bash-completion/completions/seawall \
	$(UNITFILES:conf/%=lib/systemd/system/%) \
	$(SAMPLES:conf/%=share/doc/seawall/examples/%) \
	share/doc/seawall/README.md share/doc/seawall/COPYING
# Folders that are nobody else's.
OWN	= share/doc/seawall/examples share/doc/seawall
TO	= $(DESTDIR)$(PREFIX)

# Each option of each program, from what the tables of options print.
$(B)/completion: packaging/completion conf/seawall.conf $(CMDS)
	$(SAY) "GEN $(@F)"
	$(Q)packaging/completion $(CMDS) >$@

install: all $(B)/completion
	install -d $(addprefix $(TO)/,$(sort $(dir $(INSTALLED))))
	install -m 755 $(CMDS) $(TO)/bin
	set -e; for f in $(PAGES); do \
	    install -m 644 $$f $(TO)/share/man/man$${f##*.}; done
	install -m 644 $(UNITFILES) $(TO)/lib/systemd/system
	install -m 644 $(SAMPLES) $(TO)/share/doc/seawall/examples
	install -m 644 README.md COPYING $(TO)/share/doc/seawall
	install -m 644 $(B)/completion \
	    $(TO)/share/bash-completion/completions/seawall
	set -e; for f in $(COMPLETED); do ln -sf seawall $(TO)/$$f; done
	cd $(TO) && sed -i 's,/usr/local/bin,$(PREFIX)/bin,g' $(MANS) \
	    share/doc/seawall/README.md \
	    $(UNITFILES:conf/%=lib/systemd/system/%) \
	    $(SAMPLES:conf/%=share/doc/seawall/examples/%)

# What install put there, and nothing of /etc/seawall or /var/lib/seawall.
uninstall:
	rm -f $(addprefix $(TO)/,$(INSTALLED))
	for d in $(OWN); do \
	    rmdir --ignore-fail-on-non-empty $(TO)/$$d || :; done

# Packages of what is committed, in build/deb and build/rpm.
deb:
	@packaging/deb $(VERSION)

rpm:
	@packaging/rpm $(VERSION)

# Install, use, upgrade, remove and purge them in bare Debian folders.
check-packages:
	@test/packages $(RELEASES)

clean:
	rm -rf build build-*

.PHONY: all check check-unit check-system check-versions check-fresh \
	check-mutants check-asan check-tsan check-agents tests \
	valgrind fuzz run-fuzzers demo bench lint man install uninstall \
	deb rpm check-packages clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(SRC:%.c=$(B)/%.d)
