// What the programs here share. Each runs against the emulator with script.json, and ends with 0 if all
// is as it says.

#ifndef CHECK_HPP
#define CHECK_HPP

#include <pictory.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace std::chrono_literals;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                   \
            std::_Exit(1);                                                                         \
        }                                                                                          \
    } while (0)

// The statement throws this, and the rest holds of it: `thrown` is what was caught.
#define THROWS(type, condition, statement)                                                         \
    do {                                                                                           \
        bool has_thrown = false;                                                                   \
        try {                                                                                      \
            statement;                                                                             \
        } catch (const type &thrown) {                                                             \
            has_thrown = true;                                                                     \
            CHECK(condition);                                                                      \
        }                                                                                          \
        CHECK(has_thrown && #statement);                                                           \
    } while (0)

#define REFUSED(code_name, statement)                                                              \
    THROWS(pictory::Error,                                                                         \
           thrown.code() == pictory::Code::code_name && std::string_view{thrown.what()} != "",     \
           statement)

// See script.json.
constexpr const char *done_job = "4a09edf9-d071-4847-bda5-8dea913d80fe";
constexpr const char *soon_job = "50000000-0000-4000-8000-000000000000";
constexpr const char *failed_job = "fa11ed00-0000-4000-8000-000000000000";
constexpr const char *endless_job = "00000000-0000-4000-8000-000000000000";
constexpr const char *strange_job = "57000000-0000-4000-8000-000000000000";
constexpr const char *unknown_job = "404a0000-0000-4000-8000-000000000000";

inline bool has(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

// A path in the folder that the check has made.
inline std::string in_check_dir(const char *name) {
    const char *const folder = std::getenv("CHECK_DIR");
    CHECK(folder != nullptr);
    return std::string{folder} + "/" + name;
}

// Polls as often as it goes.
inline pictory::WaitOptions quick() {
    pictory::WaitOptions options;
    options.poll_interval(10ms);
    return options;
}

// What the tests throw where the library must not mind.
struct __attribute__((visibility("default"))) Thrown {
    int number;
};

#endif
