// What C++ has its own words for: paths, streams, std::error_code, std::expected, bool. And what some headers
// define without being asked to.

#define max(a, b) ((a) > (b) ? (a) : (b))
#define min(a, b) ((a) < (b) ? (a) : (b))
#include <pictory.hpp>
#undef max
#undef min

#include "check.hpp"

#include <filesystem>
#include <sstream>

using namespace pictory;

template <class Value> static std::string printed(const Value &value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

static void codes_are_printed_by_their_names() {
    CHECK(printed(Code::job_failed) == "PICTORY_ERROR_JOB_FAILED");
    CHECK(printed(static_cast<Code>(12345)) == "PICTORY_ERROR_UNKNOWN (12345)");
    CHECK(printed(Status::in_progress) == "in-progress" && printed(Status::unknown) == "unknown");
    CHECK(printed(static_cast<Status>(77)) == "unknown (77)");
}

static void a_code_is_an_error_code() {
    const std::error_code error = Code::timeout;
    CHECK(error == Code::timeout && error != Code::connect && error.category() == category());
    CHECK(error.message() == description(Code::timeout) && category().name() == std::string{"pictory"});
    CHECK(!std::error_code{Code::ok});
    REFUSED(invalid_api_key, Client{Config::empty()});
    try {
        Client{Config::empty()};
    } catch (const Error &refused) {
        CHECK(refused.error_code() == Code::invalid_api_key);
    }
}

static void a_path_is_a_path() {
    const Client client;
    const Job job = client.get_job(done_job).value();
    const std::filesystem::path folder{in_check_dir("")};
    CHECK(client.download(job, Output::thumbnail, folder / "idioms.jpg"));
    CHECK(std::filesystem::file_size(folder / "idioms.jpg") == 1000);
    REFUSED(certificates, Config{}.ca_file(folder / "no-such-file"));
}

static void a_result_is_true_where_it_is_good() {
    const Client client;
    const Result good = client.get_job(done_job), bad = client.get_job(unknown_job);
    CHECK(good && !bad);
    static_assert(!std::is_convertible_v<Result, bool>);
#if defined(__cpp_lib_expected) && __cpp_lib_expected >= 202202L
    CHECK(good.expected().has_value() && good.expected()->status() == Status::completed);
    CHECK(bad.expected().error().code() == Code::job_not_found);
#endif
}

int main() {
    codes_are_printed_by_their_names();
    a_code_is_an_error_code();
    a_path_is_a_path();
    a_result_is_true_where_it_is_good();
    return 0;
}
