// Each function of the C API, by way of C++: the check of this program looks for their names in it.

#include "check.hpp"

#include <future>
#include <poll.h>
#include <vector>

static void codes() {
    CHECK(pictory::version() == "0.1.0");
    CHECK(pictory::abi_version() == PICTORY_ABI_VERSION);
    CHECK(name(pictory::Code::job_failed) == "PICTORY_ERROR_JOB_FAILED");
    CHECK(description(pictory::Code::ok) != description(pictory::Code::timeout));
    CHECK(name(pictory::Status::in_progress) == "in-progress");
    CHECK(is_final(pictory::Status::cleaned) && !is_final(pictory::Status::in_progress));
    CHECK(name(pictory::Output::last_frame) == "last-frame" && name(pictory::Output{9}) == "unknown");
    CHECK(pictory::is_valid_job_id(done_job) && !pictory::is_valid_job_id("x"));
    CHECK(!pictory::is_valid_job_id(nullptr));
}

static pictory::Client configured() {
    pictory::Config empty = pictory::Config::empty();
    pictory::Config config;
    config.api_key("pictai_key")
        .allow_http(true)
        .user_agent("every-function/1")
        .header("X-Pictory-User-Id", std::string{"me"})
        .proxy(nullptr)
        .ca_file(nullptr)
        .connect_timeout(10s)
        .request_timeout(20s)
        .max_retries(1)
        .rate_limit(1000)
        .log(pictory::LogLevel::debug, [](pictory::LogLevel, std::string_view) {});
    config.base_url(std::getenv("PICTORY_API_BASE_URL"));
    config.user_agent(nullptr).header("X-Pictory-User-Id", nullptr);
    REFUSED(invalid_api_key, pictory::Client{empty});
    return pictory::Client{config};
}

static void done(const pictory::Client &client) {
    client.set_api_key("pictai_another");
    const pictory::Result result = client.get_job(done_job);
    CHECK(result.ok() && result.code() == pictory::Code::ok && result.message() != "");
    CHECK(result.http_status() == 200 && !result.is_retryable() && result.retry_after() == 1s);
    CHECK(result.polls() == 1 && result.job_id() == done_job && result.elapsed() >= 0ms);
    CHECK(!result.next_poll() && has(*result.body(), "success") && result.request_id() == "request-1");
    CHECK(result.tag() == 0 && result.bytes_written() == 0);
    const pictory::Job job = result.value();
    CHECK(job.id() == done_job && job.status() == pictory::Status::completed);
    CHECK(job.status_text() == "completed" && has(*job.url(), "video.mp4"));
    CHECK(job.duration() == "8s" && job.duration_seconds() == 8.0);
    CHECK(job.width() == 720u && job.height() == 1280u);
    CHECK(has(*job.thumbnail_image_url(), "thumbnail.jpg"));
    CHECK(has(*job.last_frame_image_url(), "last.png"));
    CHECK(has(*job.preview_image_url(), "preview.png"));
    CHECK(job.ai_credits_used() == 12.8 && job.progress() == 100.0);
    CHECK(!job.error_code() && !job.error_message());
    CHECK(job.field("note") == "{\"a\":1}" && !job.field("no such"));
}

static void failed(const pictory::Client &client) {
    const pictory::Result result = client.wait_job(failed_job, quick());
    CHECK(result.code() == pictory::Code::job_failed && result.job());
    CHECK(result.job()->error_code() == "5001" && result.job()->error_message());
    CHECK(!result.job()->url() && !result.job()->width() && !result.job()->duration_seconds());
}

static void waited(const pictory::Client &client) {
    pictory::CancelToken token;
    CHECK(!token.is_cancelled());
    pictory::WaitOptions options;
    std::vector<std::uint32_t> polls;
    options.max_wait(pictory::forever)
        .poll_interval(10ms)
        .max_failures(pictory::unlimited)
        .stop_on_unknown_status(true)
        .cancel_token(token)
        .on_poll([&](const pictory::Update &update) {
            polls.push_back(update.polls());
            return update.job()->status() == pictory::Status::in_progress && update.next_poll();
        });
    CHECK(client.wait_job(soon_job, options).ok());
    CHECK((polls == std::vector<std::uint32_t>{1, 2}));
    CHECK(client.wait_job(strange_job, options).code() == pictory::Code::unexpected_status);
    token.cancel();
    CHECK(token.is_cancelled());
    CHECK(client.wait_job(done_job, options).code() == pictory::Code::cancelled);
    CHECK(client.get_job(done_job, token).code() == pictory::Code::cancelled);
    options.cancel_token(nullptr);
    CHECK(client.wait_job(done_job, options).ok());
}

static void downloaded(const pictory::Client &client) {
    pictory::DownloadOptions options;
    std::uint64_t last = 0;
    options.timeout(60s).idle_timeout(10s).max_retries(3).cancel_token(nullptr).on_progress(
        [&](std::uint64_t done, std::uint64_t total) {
            last = done;
            return total == 1000;
        });
    const pictory::Job job = client.get_job(done_job).value();
    const std::string path = in_check_dir("thumbnail.jpg");
    const pictory::Result result = client.download(job, pictory::Output::thumbnail, path, options);
    CHECK(result.ok() && result.bytes_written() == 1000 && last == 1000);
    CHECK(job.output_url(pictory::Output::video) == job.url() && !job.output_url(pictory::Output{9}));
    CHECK(client.download(job, pictory::Output::last_frame, path).code() ==
          pictory::Code::output_expired);
}

static void watched(const pictory::Client &client) {
    const pictory::Watcher watcher{client};
    watcher.add(done_job, quick(), 7);
    watcher.add(endless_job);
    CHECK(watcher.pending() == 2 && watcher.fd() >= 0);
    CHECK(watcher.poke(endless_job) && !watcher.poke(unknown_job));
    const auto settled = watcher.next();
    CHECK(settled && settled->ok() && settled->tag() == 7 && settled->job_id() == done_job);
    CHECK(!watcher.next(0ms) && !watcher.next(1ms) && !watcher.next(-1ms));
    watcher.wake();
    CHECK(!watcher.next() && watcher.pending() == 1);
    CHECK(watcher.remove(endless_job) && !watcher.remove(endless_job));
    CHECK(!watcher.next() && watcher.pending() == 0);
    CHECK(!watcher.take(0ms) && !watcher.take(1ms));
    std::promise<void> ready;
    watcher.on_ready([&] { ready.set_value(); });
    watcher.add(soon_job, quick().updates(true), 3);
    ready.get_future().wait();
    for (bool is_over = false; !is_over;) {
        const auto next = watcher.take();
        CHECK(next && next->tag() == 3 && next->is_update() == (watcher.pending() == 1));
        is_over = !next->is_update();
        CHECK(next->is_update() == next->next_poll().has_value());
        watcher.on_ready(nullptr);
    }
    // At once, on this thread, out of which it may throw.
    watcher.add(done_job);
    pollfd readable{watcher.fd(), POLLIN, 0};
    CHECK(poll(&readable, 1, 60000) == 1);
    const auto held = std::make_shared<int>(0);
    THROWS(Thrown, thrown.number == 1, watcher.on_ready([held] { throw Thrown{1}; }));
    CHECK(held.use_count() == 1 && watcher.take()->ok());
    // A file, with its progress.
    const pictory::Job job = client.get_job(done_job).value();
    pictory::DownloadOptions options;
    std::uint64_t last = 0;
    options.updates(true).on_progress([&](std::uint64_t done, std::uint64_t) { return last = done, true; });
    watcher.download(job, pictory::Output::thumbnail, in_check_dir("watched.jpg"), options, 5);
    REFUSED(already_watched, watcher.download(job, pictory::Output::thumbnail, "x", {}, 5));
    REFUSED(file, watcher.download(job, pictory::Output::thumbnail, in_check_dir("cpp"), {}, 6));
    auto file = watcher.take();
    for (; file->is_update(); file = watcher.take())
        CHECK(file->tag() == 5 && file->bytes_done() <= 1000);
    CHECK(file->ok() && file->bytes_done() == 1000 && file->bytes_total() == 1000u && last == 1000);
    REFUSED(already_watched, (watcher.add(endless_job), watcher.add(endless_job)));
}

int main() {
    codes();
    const pictory::Client client = configured();
    done(client);
    failed(client);
    waited(client);
    downloaded(client);
    watched(client);
    const pictory::Result got = client.get_job(done_job);
    CHECK(pictory::parse_job(*got.body()).value().width() == 720u);
    return 0;
}
