# make dist, make deb. Read by the Makefile at the top.

.PHONY: dist deb deb-tools

dist:
	packaging/dist.sh $(TARGET)/dist $(VERSION)

# Before anything is built.
deb-tools:
	@for tool in dpkg-architecture dpkg-buildflags dpkg-shlibdeps dpkg-deb; do \
	    command -v $$tool >/dev/null || { \
	        echo "make deb needs $$tool: it is in dpkg-dev (apt-get install dpkg-dev)" >&2; exit 2; }; done

deb: deb-tools installable
	CC='$(CC)' packaging/deb.sh $(TARGET) $(VERSION)
