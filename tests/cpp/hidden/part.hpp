// What the two shared objects show.
#include "../check.hpp"

#define SHOWN __attribute__((visibility("default")))

namespace first {
pictory::Client make();
void get(const pictory::Client &client);
} // namespace first
namespace second {
pictory::Client make();
void get(const pictory::Client &client);
} // namespace second
