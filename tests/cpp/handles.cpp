// What handles promise: moved from they are empty, views live as long as any of those that share them,
// numbers and texts that C would take for others are kept apart.

#include "check.hpp"

#include <optional>
#include <type_traits>
#include <vector>

using namespace pictory;

template <class Handle>
constexpr bool only_moves = !std::is_copy_constructible_v<Handle> &&
                            !std::is_copy_assignable_v<Handle> &&
                            std::is_nothrow_move_constructible_v<Handle> &&
                            std::is_nothrow_move_assignable_v<Handle>;
static_assert(only_moves<Config> && only_moves<Client> && only_moves<CancelToken> && only_moves<Watcher>);
static_assert(std::is_nothrow_copy_constructible_v<Error> && std::is_nothrow_copy_constructible_v<Job>);
static_assert(std::is_base_of_v<std::exception, Error>);
static_assert(std::is_copy_assignable_v<WaitOptions> && std::is_copy_assignable_v<DownloadOptions>);

// Moves it away, so that `handle` is what is left behind.
template <class Handle> static void empty(Handle &handle) {
    const Handle moved{std::move(handle)};
}

static void configurations_that_were_moved_from() {
    Config config;
    empty(config);
    REFUSED(invalid_argument, config.api_key("pictai_key"));
    REFUSED(invalid_argument, config.max_retries(1));
    REFUSED(invalid_argument, config.log(LogLevel::info, nullptr));
    // Not what C makes of NULL: the environment's values.
    REFUSED(invalid_argument, Client{config});
    config = Config{};
    CHECK(Client{config}.get() != nullptr);
}

static void clients_that_were_moved_from() {
    Client client;
    const Job job = client.get_job(done_job).value();
    empty(client);
    CHECK(client.get() == nullptr);
    CHECK(client.get_job(done_job).code() == Code::invalid_argument);
    CHECK(client.wait_job(done_job).code() == Code::invalid_argument);
    CHECK(client.download(job, Output::video, "x").code() == Code::invalid_argument);
    REFUSED(invalid_argument, client.set_api_key("pictai_key"));
    REFUSED(invalid_argument, Watcher{client});
}

static void results_that_were_moved_from() {
    Client client;
    Result result = client.get_job(done_job);
    Job job = result.value();
    empty(result);
    empty(job);
    CHECK(result.code() == Code::invalid_argument && !result.ok() && !result.job() && !result.body());
    CHECK(result.message() != "" && !result.http_status() && !result.job_id() && result.polls() == 0);
    REFUSED(invalid_argument, result.value());
    CHECK(!job.id() && !job.url() && !job.width() && !job.field("url"));
    CHECK(job.status() == Status::unknown && job.get() == nullptr);
    CHECK(client.download(job, Output::video, "x").code() == Code::invalid_argument);
}

static void tokens_and_watchers_that_were_moved_from() {
    CancelToken token;
    empty(token);
    token.cancel();
    CHECK(!token.is_cancelled());
    // Nobody could cancel by it.
    REFUSED(invalid_argument, WaitOptions{}.cancel_token(token));
    REFUSED(invalid_argument, DownloadOptions{}.cancel_token(token));
    Client client;
    REFUSED(invalid_argument, (void)client.get_job(done_job, token));

    Watcher watcher{client};
    empty(watcher);
    REFUSED(invalid_argument, watcher.add(done_job));
    CHECK(!watcher.next() && watcher.pending() == 0 && watcher.fd() == -1);
    CHECK(!watcher.remove(done_job) && !watcher.poke(done_job));
    watcher.wake();
    watcher = Watcher{client};
    watcher.add(done_job);
    CHECK(watcher.next()->ok());
}

static void views_live_as_long_as_any_that_shares_them() {
    Client client;
    auto job = client.wait_job(done_job).value();
    CHECK(has(*job.url(), "video.mp4"));
    std::optional<Result> result = client.get_job(done_job);
    const View url = result->job()->url();
    const Job copy = *result->job();
    result.reset();
    CHECK(url == copy.url() && has(*url, "video.mp4"));

    std::optional<Error> error;
    try {
        client.wait_job(failed_job).value();
    } catch (const Error &thrown) {
        error = thrown;
    }
    CHECK(error->code() == Code::job_failed && has(error->what(), "5001"));
    CHECK(error->result().message() == error->what() && error->result().job()->error_code() == "5001");
    const View message = error->result().job()->error_message();
    const Result last = error->result();
    error.reset();
    CHECK(message == last.job()->error_message());
}

static_assert(!std::is_copy_constructible_v<Update> && !std::is_move_constructible_v<Update> &&
              !std::is_copy_assignable_v<Update>);

static void what_is_kept_of_an_update_outlives_its_callback() {
    Client client;
    std::vector<Result> results;
    std::vector<Job> jobs;
    WaitOptions options = quick();
    options.on_poll([&](const Update &update) {
        results.push_back(update.keep());
        jobs.push_back(update.job().value());
        CHECK(update.ok() && update.is_update() && update.value().status() == Status::in_progress);
        return false;
    });
    CHECK(client.wait_job(endless_job, options).code() == Code::cancelled);
    CHECK(results.at(0).ok() && results.at(0).is_update() && results.at(0).polls() == 1);
    CHECK(jobs.at(0).status() == Status::in_progress && results.at(0).job()->id() == jobs.at(0).id());
}

static void numbers_without_a_name_are_kept() {
    const auto code = static_cast<Code>(12345);
    CHECK(code != Code::ok && static_cast<std::int32_t>(code) == 12345);
    CHECK(name(code) == "PICTORY_ERROR_UNKNOWN" && description(code) != "");
    CHECK(name(static_cast<Status>(-7)) == "unknown" && !is_final(static_cast<Status>(77)));
    REFUSED(invalid_argument, Config{}.log(static_cast<LogLevel>(99), nullptr));
    REFUSED(invalid_argument, Config{}.log(static_cast<LogLevel>(-1), nullptr));
    Client client;
    const Job job = client.get_job(done_job).value();
    CHECK(client.download(job, static_cast<Output>(99), "x").code() == Code::invalid_argument);
    const Job strange = client.get_job(strange_job).value();
    CHECK(strange.status() == Status::unknown && strange.status_text() == "resting");
}

static void text_that_c_would_cut_short_is_refused() {
    using namespace std::string_literals;
    const std::string cut = done_job + "\0junk"s;
    Client client;
    CHECK(client.get_job(cut).code() == Code::invalid_argument);
    CHECK(client.wait_job(std::string_view{cut}).code() == Code::invalid_argument);
    CHECK(client.get_job(nullptr).code() == Code::invalid_argument);
    CHECK(client.get_job(std::string_view{cut}.substr(0, 36)).ok());
    REFUSED(invalid_argument, client.set_api_key("pictai\0key"s));
    // Where none would be as good as something else.
    REFUSED(invalid_argument, Config{}.proxy("http://a:1\0"s));
    REFUSED(invalid_argument, Config{}.user_agent("a\0"s));
    REFUSED(invalid_argument, Config{}.header("X-A", "a\0"s));
    REFUSED(invalid_argument, Config{}.ca_file("/dev/null\0"s));
    const Job job = client.get_job(done_job).value();
    CHECK(client.download(job, Output::video, "a\0b"s).code() == Code::invalid_argument);
    CHECK(!job.field("url\0x"s));
    CHECK(parse_job({}).code() == Code::invalid_argument);
    CHECK(parse_job("nonsense").code() == Code::invalid_response);
    const Job job_without_error = client.get_job(done_job, CancelToken{}).value();
    CHECK(!job_without_error.error_code());
}

int main() {
    configurations_that_were_moved_from();
    clients_that_were_moved_from();
    results_that_were_moved_from();
    tokens_and_watchers_that_were_moved_from();
    views_live_as_long_as_any_that_shares_them();
    what_is_kept_of_an_update_outlives_its_callback();
    numbers_without_a_name_are_kept();
    text_that_c_would_cut_short_is_refused();
    return 0;
}
