# make                 the programs, in build/
# make check           unit and system tests, floors, lint, manual pages
# make check-unit      the unit tests alone; check-system, the system tests
# make check-asan      both under the address and undefined sanitizers
# make demo            the main job, for real, on throwaway data
# make bench           ratios against reference pipelines
# make fuzz            each fuzzer for FUZZ_SECONDS (clang)
# make lint man        static checkers; manual pages
# make install         PREFIX, DESTDIR as usual
#
# SAN=address|thread, WERROR=1, CC=clang, B=build folder.

VERSION	= 0.1.0
PREFIX	?= /usr/local
CFLAGS	?= -O2 -g
PKGS	= libpq libssh liblzma libzstd libsodium jansson
CPPCHECK ?= cppcheck
FUZZ_SECONDS ?= 5

B	?= build$(if $(SAN),-$(SAN))

# What we need is kept apart from what the user asks for (CFLAGS, LDFLAGS),
# so that "make CFLAGS=-Og" or a packager's flags never lose ours.
OUR_CPPFLAGS = -Ilib -D_GNU_SOURCE -DSEAWALL_VERSION='"$(VERSION)"' \
	$(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
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
OUR_CFLAGS += $(SANFLAGS)
OUR_LDFLAGS += $(SANFLAGS)

PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -linih
TEST_LIBS  := -lcmocka

LIBSRC	:= $(wildcard lib/*/*.c)
CMDSRC	:= $(wildcard cmd/*.c)
UNITSRC	:= $(wildcard test/unit/*_test.c)
HELPSRC	:= $(filter-out $(UNITSRC),$(wildcard test/unit/*.c))
TOOLSRC	:= $(wildcard test/system/*.c test/bench/*.c)
FUZZSRC	:= $(wildcard test/fuzz/*.c)
SRC	:= $(LIBSRC) $(CMDSRC) $(UNITSRC) $(HELPSRC) $(TOOLSRC)
LIB	:= $(B)/libseawall.a
CMDS	:= $(CMDSRC:cmd/%.c=$(B)/%)
UNITS	:= $(UNITSRC:test/unit/%.c=$(B)/unit/%)
TOOLS	:= $(TOOLSRC:test/%.c=$(B)/test/%)
FUZZERS	:= $(FUZZSRC:test/fuzz/%.c=$(B)/fuzz/%)
PAGES	:= $(wildcard cmd/*.1)

COMPILE	= $(CC) $(OUR_CPPFLAGS) $(CPPFLAGS) $(OUR_CFLAGS) $(CFLAGS)
LINK	= $(CC) $(OUR_CFLAGS) $(CFLAGS) $(OUR_LDFLAGS) $(LDFLAGS)

all: $(CMDS)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

$(LIB): $(LIBSRC:%.c=$(B)/%.o)
	rm -f $@
	$(AR) rcs $@ $^

$(CMDS): $(B)/%: $(B)/cmd/%.o $(LIB)
	$(LINK) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$(UNITS): $(B)/unit/%: $(B)/test/unit/%.o $(HELPSRC:%.c=$(B)/%.o) $(LIB)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ $(PKG_LIBS) $(TEST_LIBS) $(LDLIBS)

$(TOOLS): $(B)/test/%: $(B)/test/%.o $(LIB)
	$(LINK) -o $@ $^ $(PKG_LIBS) $(LDLIBS)

check-unit: $(UNITS)
	@rc=0; for t in $^; do B=$(B) $$t || rc=1; done; exit $$rc

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(CMDS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(PAGES) $(DESTDIR)$(PREFIX)/share/man/man1

clean:
	rm -rf build build-*

.PHONY: all check check-unit check-system check-asan demo bench fuzz lint \
	man install clean
.DELETE_ON_ERROR:
.SECONDARY:
-include $(SRC:%.c=$(B)/%.d)
