// What a callback throws comes out of the call that runs it, and the call has ended.

#include "check.hpp"

#include <atomic>
#include <memory>
#include <thread>

using namespace pictory;

#define THROWS_NUMBER(wanted, statement) THROWS(Thrown, thrown.number == (wanted), statement)

static WaitOptions throwing(int number, std::atomic<int> &calls) {
    return quick().on_poll([number, &calls](const Update &) -> bool {
        calls++;
        throw Thrown{number};
    });
}

static void out_of_a_wait() {
    Client client;
    std::atomic<int> calls{0};
    const WaitOptions options = throwing(1, calls);
    THROWS_NUMBER(1, (void)client.wait_job(endless_job, options));
    CHECK(calls == 1);
    THROWS_NUMBER(1, (void)client.wait_job(endless_job, options));
    CHECK(calls == 2);
    // One that does not come to throw.
    CHECK(client.wait_job(done_job, options).ok() && calls == 2);
}

// The error keeps the update that it is about.
static void with_what_an_update_threw() {
    Client client;
    const auto options = quick().on_poll([](const Update &update) {
        return update.value().status() == Status::in_progress;
    });
    THROWS(Error,
           thrown.code() == Code::server && thrown.result().http_status() == 503 && thrown.result().is_update(),
           (void)client.wait_job("d0000000-0000-4000-8000-000000000000", options));
}

static void out_of_the_inner_of_two_calls() {
    Client client;
    std::atomic<int> calls{0};
    int caught = 0;
    const auto outer = quick().on_poll([&](const Update &) {
        THROWS_NUMBER(2, (void)client.wait_job(endless_job, throwing(2, calls)));
        return ++caught < 2;
    });
    CHECK(client.wait_job(endless_job, outer).code() == Code::cancelled);
    CHECK(caught == 2 && calls == 2);
}

static void out_of_a_download() {
    Client client;
    const Job job = client.get_job(done_job).value();
    const std::string path = in_check_dir("video.mp4");
    int calls = 0;
    DownloadOptions options;
    options.on_progress([&](std::uint64_t, std::uint64_t) -> bool {
        calls++;
        throw Thrown{3};
    });
    THROWS_NUMBER(3, (void)client.download(job, Output::video, path, options));
    CHECK(calls == 1);
    options.on_progress([](std::uint64_t, std::uint64_t) { return false; });
    CHECK(client.download(job, Output::video, path, options).code() == Code::cancelled);
    const Job downloaded = client.download(job, Output::video, path).value();
    CHECK(downloaded.id() == done_job);
}

// The number of what the callback of a watch has thrown, by the job that next() has handed out.
static int thrown_in(const std::optional<Result> &settled) {
    CHECK(settled && settled->job_id() == endless_job && settled->callback_error());
    try {
        (void)settled->value();
    } catch (const Thrown &thrown) {
        return thrown.number;
    }
    return 0;
}

static void out_of_the_value_of_its_watch() {
    Client client;
    const Watcher watcher{client};
    std::atomic<int> calls{0};
    watcher.add(endless_job, throwing(4, calls), 1);
    const auto settled = watcher.next();
    CHECK(thrown_in(settled) == 4 && settled->code() == Code::cancelled && settled->tag() == 1);
    CHECK(calls == 1 && watcher.pending() == 0 && !watcher.next());
    // Again, beside one that is none of its business, and one whose callback says enough.
    watcher.add(endless_job, throwing(5, calls), 1);
    watcher.add(done_job, quick(), 2);
    watcher.add(endless_job, quick().on_poll([](const Update &) { return false; }), 3);
    std::uint64_t tags = 0;
    while (const auto next = watcher.next()) {
        CHECK(next->ok() == (next->tag() == 2));
        CHECK((next->callback_error() != nullptr) == (next->tag() == 1));
        tags += next->tag();
    }
    CHECK(tags == 6);
}

static void out_of_the_value_of_a_watchers_download() {
    Client client;
    const Job job = client.get_job(done_job).value();
    const Watcher watcher{client};
    DownloadOptions options;
    options.on_progress([](std::uint64_t, std::uint64_t) -> bool { throw Thrown{8}; });
    watcher.download(job, Output::video, in_check_dir("watched.mp4"), options, 8);
    const auto ended = watcher.next();
    CHECK(ended && ended->tag() == 8 && ended->code() == Code::cancelled && ended->callback_error());
    THROWS_NUMBER(8, (void)ended->value());
    // The watcher may go in it.
    auto other = std::make_unique<Watcher>(client);
    std::atomic<bool> is_gone{false};
    options.on_progress([&](std::uint64_t, std::uint64_t) {
        other.reset();
        return is_gone = true;
    });
    other->download(job, Output::video, in_check_dir("gone.mp4"), options);
    while (!is_gone)
        std::this_thread::yield();
}

static void a_watch_that_is_removed_takes_what_was_thrown_with_it() {
    Client client;
    const Watcher watcher{client};
    std::atomic<int> calls{0};
    watcher.add(endless_job, throwing(6, calls));
    while (calls == 0)
        std::this_thread::yield();
    CHECK(watcher.remove(endless_job) && !watcher.next());
    watcher.add(endless_job, throwing(7, calls));
    CHECK(thrown_in(watcher.next()) == 7);
}

static void a_callback_may_remove_its_own_watch() {
    Client client;
    const Watcher watcher{client};
    const auto alive = std::make_shared<std::atomic<int>>(0);
    watcher.add(endless_job, quick().on_poll([&watcher, alive](const Update &) {
        CHECK(watcher.remove(endless_job));
        (*alive)++; // still its own
        return true;
    }));
    CHECK(!watcher.next());
    CHECK(*alive <= 1);
}

static void a_callback_may_destroy_its_own_watcher() {
    Client client;
    auto watcher = std::make_unique<Watcher>(client);
    const auto calls = std::make_shared<std::atomic<int>>(0);
    watcher->add(endless_job, quick().on_poll([&watcher, calls](const Update &) {
        watcher.reset();
        (*calls)++;
        return true;
    }));
    while (*calls == 0)
        std::this_thread::yield();
    while (calls.use_count() > 1) // the last one's own is gone with it
        std::this_thread::yield();
    CHECK(*calls == 1);
}

static void callbacks_go_when_their_watch_does() {
    Client client;
    const auto token = std::make_shared<int>(0);
    const auto options = [&] {
        return quick().on_poll([token](const Update &) { return true; });
    };
    {
        const Watcher watcher{client};
        watcher.add(done_job, options(), 1);
        CHECK(watcher.next()->ok() && token.use_count() == 1);
        watcher.add(endless_job, options(), 2);
        REFUSED(already_watched, watcher.add(endless_job, options(), 2));
        REFUSED(invalid_job_id, watcher.add("123", options(), 2));
        CHECK(token.use_count() == 2 && watcher.remove("00000000-0000-4000-8000-000000000000", 2));
        CHECK(token.use_count() == 1);
        watcher.add("FA11ED00-0000-4000-8000-000000000000", options(), 3);
        CHECK(watcher.next()->code() == Code::job_failed && token.use_count() == 1);
        watcher.add(endless_job, options(), 4);
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
}

static void out_of_the_call_that_logs() {
    bool throws = false;
    Config config;
    config.log(LogLevel::debug, [&](LogLevel, std::string_view) {
        if (throws)
            throw Thrown{8};
    });
    Client client{config};
    throws = true;
    THROWS_NUMBER(8, (void)client.get_job(done_job));
    THROWS_NUMBER(8, (void)client.wait_job(endless_job, quick()));
    THROWS_NUMBER(8, Client{config});
    // Nobody is there to catch it on a watcher's thread.
    const Watcher watcher{client};
    watcher.add(done_job);
    CHECK(watcher.next()->ok());
    throws = false;
    CHECK(client.get_job(done_job).ok());
}

int main() {
    out_of_a_wait();
    with_what_an_update_threw();
    out_of_the_inner_of_two_calls();
    out_of_a_download();
    out_of_the_value_of_its_watch();
    out_of_the_value_of_a_watchers_download();
    a_watch_that_is_removed_takes_what_was_thrown_with_it();
    a_callback_may_remove_its_own_watch();
    a_callback_may_destroy_its_own_watcher();
    callbacks_go_when_their_watch_does();
    out_of_the_call_that_logs();
    return 0;
}
