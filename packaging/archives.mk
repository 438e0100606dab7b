# make dist, make deb. Read by the Makefile at the top.

.PHONY: dist deb

dist:
	packaging/dist.sh $(TARGET)/dist $(VERSION)

deb: release
	packaging/deb.sh $(TARGET) $(VERSION)
