// Eight threads with one client, one set of options and one watcher: what a sanitizer of races looks at.
// Whatever they add is settled once, and each callback is gone by then.

#include "check.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace pictory;

constexpr unsigned threads = 8, jobs = 12, rounds = 3;

static std::string id(unsigned thread, unsigned job) {
    char text[37];
    std::snprintf(text, sizeof text, "%08x-0000-4000-8000-%012x", thread + 1, job + 1);
    return text;
}

struct Shared {
    const Client &client;
    const WaitOptions &options;
    const Watcher &watcher;
    std::atomic<unsigned> settled{0}, removed{0}, thrown{0};
};

static void take(Shared &shared, std::chrono::milliseconds timeout) {
    if (const auto next = shared.watcher.next(timeout))
        (next->callback_error() ? shared.thrown : shared.settled)++;
}

static void run(Shared &shared, unsigned thread) {
    const auto throws = quick().on_poll([](const Update &) -> bool { throw Thrown{9}; });
    for (unsigned job = 0; job < jobs; job++)
        shared.watcher.add(id(thread, job), job % 4 == 3 ? throws : shared.options, thread);
    CHECK(shared.client.wait_job(done_job, shared.options).value().width() == 720u);
    for (unsigned job = 0; job < jobs; job++) {
        shared.watcher.poke(id(thread, job)); // it may have been settled and taken meanwhile
        if (job % 3 == 0 && shared.watcher.remove(id(thread, job), thread))
            shared.removed++;
        take(shared, job % 2 == 0 ? 0ms : 20ms);
    }
    shared.client.set_api_key("pictai_another");
    while (shared.watcher.pending() > 0)
        take(shared, 20ms);
}

int main() {
    const Client client;
    std::atomic<unsigned> polls{0};
    const auto callback = std::make_shared<int>(0);
    const auto options = quick().on_poll([&polls, callback](const Update &update) {
        polls += update.polls() > 0;
        return true;
    });
    const auto references = callback.use_count();
    for (unsigned round = 0; round < rounds; round++) {
        const Watcher watcher{client};
        Shared shared{client, options, watcher};
        std::vector<std::thread> running;
        for (unsigned thread = 0; thread < threads; thread++)
            running.emplace_back(run, std::ref(shared), thread);
        for (std::thread &thread : running)
            thread.join();
        CHECK(shared.settled + shared.removed + shared.thrown == threads * jobs);
        CHECK(callback.use_count() == references);
    }
    CHECK(polls > 0);
    return 0;
}
