# Waits for jobs with updates, on the interpreter's own thread: wait.rb LIBRARY
require "fiddle/import"

module C
  extend Fiddle::Importer
  dlload ARGV[0]
  extern "int pictory_client_new(void *, void *)"
  extern "void pictory_client_free(void *)"
  extern "int pictory_watcher_new(void *, void *)"
  extern "void pictory_watcher_free(void *)"
  extern "void *pictory_wait_options_new()"
  extern "void pictory_wait_options_free(void *)"
  extern "int pictory_wait_options_set_poll_interval_ms(void *, long long)"
  extern "int pictory_wait_options_set_updates(void *, char)"
  extern "int pictory_watcher_add(void *, const char *, void *, unsigned long long)"
  extern "void *pictory_watcher_next(void *, long long)"
  extern "int pictory_result_code(void *)"
  extern "char pictory_result_is_update(void *)"
  extern "void pictory_result_free(void *)"
end

def check(holds)
  raise "it does not hold" unless holds
end

def make
  place = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
  check yield(place) == 0
  place.ptr
end

client = make { |place| C.pictory_client_new(nil, place) }
watcher = make { |place| C.pictory_watcher_new(client, place) }
options = C.pictory_wait_options_new
check C.pictory_wait_options_set_poll_interval_ms(options, 20) == 0
check C.pictory_wait_options_set_updates(options, 1) == 0
20.times do |tag|
  check C.pictory_watcher_add(watcher, format("4a09edf9-d071-4847-bda5-%012x", tag), options, tag) == 0
end
updates = ends = 0
until (result = C.pictory_watcher_next(watcher, -1)).null?
  check C.pictory_result_code(result) == 0
  C.pictory_result_is_update(result) != 0 ? updates += 1 : ends += 1
  C.pictory_result_free(result)
end
C.pictory_wait_options_free(options)
C.pictory_watcher_free(watcher)
C.pictory_client_free(client)
check ends == 20 && updates > 0
