# make dist, make deb, make binaries. Read by the Makefile at the top.

.PHONY: dist deb deb-tools binaries

# Those that a computer of today may have. ONLY="..." names some of them.
BINARIES = x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu armv7-unknown-linux-gnueabihf \
    i686-unknown-linux-gnu riscv64gc-unknown-linux-gnu s390x-unknown-linux-gnu \
    x86_64-unknown-linux-musl aarch64-unknown-linux-musl

dist:
	packaging/dist.sh $(TARGET)/dist $(VERSION)

# Before anything is built.
deb-tools:
	@for tool in dpkg-architecture dpkg-buildflags dpkg-shlibdeps dpkg-deb; do \
	    command -v $$tool >/dev/null || { \
	        echo "make deb needs $$tool: it is in dpkg-dev (apt-get install dpkg-dev)" >&2; exit 2; }; done

deb: deb-tools installable
	CC='$(CC)' packaging/deb.sh $(TARGET) $(VERSION)

binaries:
	@COMPACT="$(COMPACT)" NATIVE='$(NATIVE)' packaging/binaries.sh $(TARGET) $(VERSION) $(or $(ONLY),$(BINARIES))
