# make install, make uninstall. Read by the Makefile at the top.

PREFIX = /usr/local
LIBDIR = $(PREFIX)/lib
INCLUDEDIR = $(PREFIX)/include
BINDIR = $(PREFIX)/bin
DATADIR = $(PREFIX)/share
DOCDIR = $(DATADIR)/doc/pictory
CMAKEDIR = $(LIBDIR)/cmake/pictory

PREPARED = $(TARGET)/install
INSTALLED_HEADERS = include/pictory.h include/pictory.hpp include/module.modulemap
INSTALLED_DOCS = LICENSE README.md CHANGELOG.md SECURITY.md docs/ABI.md
LIBRARY = libpictory.so.1.$(VERSION)

# in FOLDER, FILE...: where the files go.
in = $(addprefix $(1)/,$(notdir $(2)))
INSTALLED = $(call in,$(LIBDIR),$(LIBRARY) libpictory.so.1 libpictory.so libpictory.a) \
    $(LIBDIR)/pkgconfig/pictory.pc \
    $(call in,$(CMAKEDIR),pictory-config.cmake pictory-config-version.cmake) \
    $(call in,$(INCLUDEDIR),$(INSTALLED_HEADERS)) $(BINDIR)/pictory \
    $(DATADIR)/man/man1/pictory.1 $(DATADIR)/bash-completion/completions/pictory \
    $(DATADIR)/zsh/site-functions/_pictory $(DATADIR)/pictory/valgrind.supp \
    $(call in,$(DOCDIR),$(INSTALLED_DOCS))

.PHONY: install uninstall

# The tool that is installed holds the library: it works wherever it is put.
$(PREPARED)/pictory: $(TOOL) $(HEADERS) | release
	@mkdir -p $(@D)
	$(CC) -std=c99 $(CFLAGS) $(HARDENING) $(WARNINGS) -Iinclude -o $@ $(TOOL) \
	    $(TARGET)/release/libpictory.a $(NATIVE)

# Made anew each time, since the folders may be others.
from-libdir = $(shell realpath -ms --relative-to=$(LIBDIR)$(2) $(1))
empty =
space = $(empty) $(empty)
filled = sed -e 's|@VERSION@|$(VERSION)|' -e 's|@NATIVE@|$(NATIVE)|' \
    -e 's|@NATIVE_LIST@|$(subst $(space),;,$(NATIVE:-l%=%))|' \
    -e 's|@PREFIX@|$(call from-libdir,$(PREFIX),/pkgconfig)|' -e 's|@INCLUDE@|$(call from-libdir,$(INCLUDEDIR))|'

install: release $(PREPARED)/pictory
	for file in pictory.pc pictory-config.cmake pictory-config-version.cmake; do \
	    $(filled) packaging/$$file.in >$(PREPARED)/$$file || exit 1; done
	install -d $(sort $(dir $(INSTALLED:%=$(DESTDIR)%)))
	install -m 755 $(TARGET)/release/libpictory.so $(DESTDIR)$(LIBDIR)/$(LIBRARY)
	ln -sf $(LIBRARY) $(DESTDIR)$(LIBDIR)/libpictory.so.1
	ln -sf libpictory.so.1 $(DESTDIR)$(LIBDIR)/libpictory.so
	install -m 644 $(TARGET)/release/libpictory.a $(DESTDIR)$(LIBDIR)
	install -m 644 $(PREPARED)/pictory.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 $(PREPARED)/pictory-config.cmake $(PREPARED)/pictory-config-version.cmake $(DESTDIR)$(CMAKEDIR)
	install -m 644 $(INSTALLED_HEADERS) $(DESTDIR)$(INCLUDEDIR)
	install -m 755 $(PREPARED)/pictory $(DESTDIR)$(BINDIR)
	install -m 644 tool/pictory.1 $(DESTDIR)$(DATADIR)/man/man1
	install -m 644 tool/completions/pictory.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/pictory
	install -m 644 tool/completions/_pictory $(DESTDIR)$(DATADIR)/zsh/site-functions
	install -m 644 packaging/valgrind.supp $(DESTDIR)$(DATADIR)/pictory
	install -m 644 $(INSTALLED_DOCS) $(DESTDIR)$(DOCDIR)

# The folders that are nobody else's, unless somebody has put something there.
uninstall:
	rm -f $(INSTALLED:%=$(DESTDIR)%)
	for folder in $(CMAKEDIR) $(DATADIR)/pictory $(DOCDIR); do \
	    [ ! -d "$(DESTDIR)$$folder" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$$folder"; done
