// A service on one watcher, as a real one is: thousands of waits, webhooks that poke, downloads, a key that is
// replaced, customers that leave, and an end in the middle of work. Each wait and each file has one end, and
// nothing is told after it.

#include "check.hpp"

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

using namespace pictory;

constexpr unsigned waits = 2000, files = 200, left_behind = 50;

// The tags of a service are its own: what a job is for, and whose it is.
enum Kind : std::uint64_t { quick_wait = 1, poked_wait = 2, cancelled_wait = 3, file = 4, unsettled = 5 };

static std::uint64_t tag(Kind kind, unsigned number) { return kind * 1000000 + number; }

static std::string id(Kind kind, unsigned number) {
    char text[37];
    std::snprintf(text, sizeof text, "%08x-0000-4000-8000-%012x", static_cast<unsigned>(kind), number + 1);
    return text;
}

struct Service {
    const Client client{with_key()};
    const Watcher watcher{client};
    CancelToken customers_left;
    std::mutex mutex;
    std::map<std::uint64_t, int> ends;
    std::atomic<unsigned> ended{0}, told{0};
    std::atomic<bool> is_over{false};
    const std::filesystem::path folder{in_check_dir("service")};

    static Config with_key() {
        Config config;
        config.api_key("pictai_first");
        return config;
    }
    void wait_for_all() {
        for (unsigned number = 0; number < waits; number++) {
            const Kind kind = number % 10 == 0 ? poked_wait : number % 10 == 1 ? cancelled_wait : quick_wait;
            WaitOptions options = kind == quick_wait ? quick() : WaitOptions{}.poll_interval(1h);
            options.max_wait(forever).updates(number % 3 == 0);
            if (kind == cancelled_wait)
                options.cancel_token(customers_left);
            if (number % 7 == 0)
                options.on_poll([this](const Update &update) {
                    CHECK(!is_over && update.is_update());
                    told++;
                    return true;
                });
            watcher.add(id(kind, number), std::move(options), tag(kind, number));
        }
    }
    void download_all() {
        const Job job = client.get_job(done_job).value();
        for (unsigned number = 0; number < files; number++)
            watcher.download(job, Output::thumbnail, folder / std::to_string(number),
                             DownloadOptions{}.updates(number % 2 == 0), tag(file, number));
    }
    void take(const Result &result) {
        const std::uint64_t of = result.tag();
        if (result.is_update())
            return;
        CHECK(result.code() == (of / 1000000 == cancelled_wait ? Code::cancelled : Code::ok));
        CHECK(!result.callback_error());
        const std::lock_guard<std::mutex> lock{mutex};
        CHECK(ends[of]++ == 0);
        ended++;
    }
    void serve() {
        while (const auto result = watcher.take())
            take(*result);
    }
};

// Until each has come: a webhook may be early, or sent twice.
static void webhooks(Service &service) {
    while (service.ended < waits + files) {
        for (unsigned number = 0; number < waits; number += 10)
            (void)service.watcher.poke(id(poked_wait, number));
        std::this_thread::sleep_for(20ms);
    }
}

int main() {
    Service service;
    std::filesystem::remove_all(service.folder);
    std::filesystem::create_directory(service.folder);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; thread++)
        threads.emplace_back([&] { service.serve(); });
    service.wait_for_all();
    service.download_all();
    std::thread hooks{webhooks, std::ref(service)};
    service.client.set_api_key("pictai_second");
    service.customers_left.cancel();
    hooks.join();
    CHECK(service.ended == waits + files && service.told > 0 && service.watcher.pending() == 0);
    for (unsigned number = 0; number < files; number++)
        CHECK(std::filesystem::file_size(service.folder / std::to_string(number)) == 1000);
    // Shut down, with work left.
    for (unsigned number = 0; number < left_behind; number++)
        service.watcher.add(id(unsettled, number), WaitOptions{}.poll_interval(1h), tag(unsettled, number));
    for (std::size_t thread = 0; thread < threads.size(); thread++)
        service.watcher.wake();
    for (std::thread &thread : threads)
        thread.join();
    CHECK(service.watcher.pending() == left_behind && service.ends.size() == waits + files);
    service.is_over = true;
    return 0;
}
