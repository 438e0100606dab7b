# Waits for jobs with updates, on the interpreter's own thread: wait.py DECLARATIONS LIBRARY
import sys

import cffi

ffi = cffi.FFI()
ffi.cdef(open(sys.argv[1]).read())
c = ffi.dlopen(sys.argv[2])
client, watcher = ffi.new("pictory_client **"), ffi.new("pictory_watcher **")
assert c.pictory_client_new(ffi.NULL, client) == 0
assert c.pictory_watcher_new(client[0], watcher) == 0
options = c.pictory_wait_options_new()
assert c.pictory_wait_options_set_poll_interval_ms(options, 20) == 0
assert c.pictory_wait_options_set_updates(options, True) == 0
for tag in range(20):
    job_id = b"4a09edf9-d071-4847-bda5-%012x" % tag
    assert c.pictory_watcher_add(watcher[0], job_id, options, tag) == 0
updates, ends = 0, 0
while (result := c.pictory_watcher_next(watcher[0], -1)) != ffi.NULL:
    assert c.pictory_result_code(result) == 0
    if c.pictory_result_is_update(result):
        updates += 1
    else:
        ends += 1
    c.pictory_result_free(result)
c.pictory_wait_options_free(options)
c.pictory_watcher_free(watcher[0])
c.pictory_client_free(client[0])
assert ends == 20 and updates > 0
