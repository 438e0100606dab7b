# make install, make uninstall. Read by the Makefile at the top.

PREFIX = /usr/local
LIBDIR = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
BINDIR = $(PREFIX)/bin
DATADIR = $(PREFIX)/share

PREPARED = $(TARGET)/install

.PHONY: installable install uninstall

# The tool that is installed holds the library: it works wherever it is put.
$(PREPARED)/pictory: $(TOOL) $(HEADERS) $(TARGET)/release/libpictory.a
	@mkdir -p $(@D)
	$(CC) -std=c99 $(CFLAGS) $(HARDENING) $(WARNINGS) -Iinclude -o $@ $(TOOL) \
	    $(TARGET)/release/libpictory.a $(NATIVE)

$(TARGET)/emulator/examples/emulator: emulator
	@:

$(PREPARED)/pictory-emulator: $(TARGET)/emulator/examples/emulator
	@mkdir -p $(@D)
	cp $< $@

installable: release $(PREPARED)/pictory $(PREPARED)/pictory-emulator

# Without cargo, or as root in somebody else's tree, what is built already is installed as it is: nothing of
# root's comes into the tree.
MAY_BUILD := $(shell command -v $(CARGO) >/dev/null 2>&1 && \
    { [ "$$(id -u)" -ne 0 ] || [ "$$(stat -c %u .)" -eq 0 ]; } && echo yes)

# A folder may have a blank in its name, or a quotation mark.
quoted = '$(subst ','\'',$(1))'
INSTALL = PREFIX=$(call quoted,$(PREFIX)) LIBDIR=$(call quoted,$(LIBDIR)) \
    INCLUDEDIR=$(call quoted,$(INCLUDEDIR)) BINDIR=$(call quoted,$(BINDIR)) \
    DATADIR=$(call quoted,$(DATADIR)) DESTDIR=$(call quoted,$(DESTDIR)) \
    BUILT=$(TARGET)/release PREPARED=$(PREPARED) VERSION=$(VERSION) NATIVE='$(NATIVE)' packaging/install.sh

install: $(if $(MAY_BUILD),installable)
	@$(INSTALL) install

uninstall:
	@$(INSTALL) uninstall
