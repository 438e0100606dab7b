-- Waits for jobs with updates, on the interpreter's own thread: wait.lua DECLARATIONS LIBRARY
local ffi = require "ffi"
local file = assert(io.open(arg[1])); ffi.cdef(file:read "*a"); file:close()
local c = ffi.load(arg[2])
local client, watcher = ffi.new "pictory_client *[1]", ffi.new "pictory_watcher *[1]"
assert(c.pictory_client_new(nil, client) == 0 and c.pictory_watcher_new(client[0], watcher) == 0)
local options = c.pictory_wait_options_new()
assert(c.pictory_wait_options_set_poll_interval_ms(options, 20) == 0)
assert(c.pictory_wait_options_set_updates(options, true) == 0)
for tag = 1, 20 do
    local id = string.format("4a09edf9-d071-4847-bda5-%012x", tag)
    assert(c.pictory_watcher_add(watcher[0], id, options, tag) == 0)
end
local updates, ends = 0, 0
while true do
    local result = c.pictory_watcher_next(watcher[0], -1)
    if result == nil then break end
    assert(c.pictory_result_code(result) == 0)
    if c.pictory_result_is_update(result) then updates = updates + 1 else ends = ends + 1 end
    c.pictory_result_free(result)
end
c.pictory_wait_options_free(options)
c.pictory_watcher_free(watcher[0])
c.pictory_client_free(client[0])
assert(ends == 20 and updates > 0)
