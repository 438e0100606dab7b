// What is refused, and what is said about it; and whose lines go where.

#include "check.hpp"

#include <optional>
#include <vector>

using namespace pictory;

#define REFUSED_SAYING(code_name, words, statement)                                                \
    THROWS(Error, thrown.code() == Code::code_name && has(thrown.what(), words), statement)

static void setters_say_what_they_refuse() {
    Config config;
    REFUSED_SAYING(invalid_api_key, "Bearer", config.api_key("Bearer key"));
    REFUSED_SAYING(invalid_argument, "NULL", config.api_key(nullptr));
    REFUSED_SAYING(invalid_url, "https://", config.base_url("ftp://a.example"));
    REFUSED_SAYING(invalid_url, "http://", config.proxy("socks5://a.example:1"));
    REFUSED_SAYING(certificates, "no-such-file", config.ca_file("no-such-file"));
    REFUSED_SAYING(invalid_argument, "Host", config.header("Host", "a"));
    REFUSED(invalid_argument, config.user_agent("a\nb"));
    REFUSED(invalid_argument, config.connect_timeout(0s));
    REFUSED(invalid_argument, config.connect_timeout(forever));
    REFUSED(invalid_argument, config.request_timeout(-1ms));
    REFUSED(invalid_argument, config.rate_limit(-1));
    const Error refused{Code::invalid_url, std::nullopt};
    CHECK(refused.what() == description(Code::invalid_url));
    CHECK(!refused.result().job() && refused.result().get() == nullptr);
    // What was there before is left.
    CHECK(Client{config}.get_job(done_job).ok());
}

static void options_say_what_they_refuse() {
    WaitOptions wait = quick();
    REFUSED_SAYING(invalid_argument, "max_wait must be at least", wait.max_wait(0ms));
    // Not for ever, as C has it.
    REFUSED_SAYING(invalid_argument, "max_wait must be at least", wait.max_wait(-1ms));
    REFUSED_SAYING(invalid_argument, "poll_interval must be at least", wait.poll_interval(9ms));
    REFUSED_SAYING(invalid_argument, "poll_interval must be at least", wait.poll_interval(forever));
    REFUSED_SAYING(invalid_argument, "max_failures must be at least", wait.max_failures(0));
    DownloadOptions download;
    REFUSED_SAYING(invalid_argument, "timeout must be at least", download.timeout(-1ms));
    REFUSED_SAYING(invalid_argument, "idle_timeout must be at least", download.idle_timeout(forever));
    Client client;
    CHECK(client.wait_job(done_job, wait).ok());
    wait.max_wait(1ms).on_poll(nullptr);
    CHECK(client.wait_job(endless_job, wait).code() == Code::wait_timeout);
}

static void a_client_says_why_it_was_not_made() {
    REFUSED_SAYING(invalid_api_key, "PICTORY_API_KEY", Client{Config::empty()});
    std::vector<std::string> lines;
    const auto keep = [&](LogLevel, std::string_view line) { lines.emplace_back(line); };
    Config config = Config::empty();
    config.api_key("pictai_key").base_url("http://api.example");
    REFUSED_SAYING(insecure_url, "api.example", Client{config});
    config.log(LogLevel::off, keep);
    REFUSED_SAYING(insecure_url, "api.example", Client{config});
    CHECK(lines.empty());
    config.log(LogLevel::error, keep);
    REFUSED_SAYING(insecure_url, "api.example", Client{config});
    CHECK(lines.size() == 1 && has(lines.at(0), "api.example"));
}

static void lines_go_to_whoever_was_there_when_the_client_was_made() {
    std::vector<std::string> first, second;
    Config config;
    config.log(LogLevel::info, [&](LogLevel level, std::string_view line) {
        CHECK(level <= LogLevel::info);
        first.emplace_back(line);
    });
    std::optional<Client> old{config};
    config.log(LogLevel::debug, [&](LogLevel, std::string_view line) { second.emplace_back(line); });
    const Client young{config};
    config = Config{}; // neither client needs it
    second.clear();
    CHECK(old->get_job(done_job).ok());
    CHECK(!first.empty() && second.empty());
    first.clear();
    CHECK(young.get_job(unknown_job).code() == Code::job_not_found);
    CHECK(first.empty() && !second.empty());
    old = Client{}; // its lines end, and their callback goes
    CHECK(old->get_job(done_job).ok() && first.empty());
}

int main() {
    setters_say_what_they_refuse();
    options_say_what_they_refuse();
    a_client_says_why_it_was_not_made();
    lines_go_to_whoever_was_there_when_the_client_was_made();
    return 0;
}
