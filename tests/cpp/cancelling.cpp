// Calls that are stopped: by a token, in C++20 by a std::stop_token. Each job here would go on for ever.

#include "check.hpp"

#include <memory>
#include <thread>

using namespace pictory;

static void a_token_ends_every_kind_of_call() {
    Client client;
    CancelToken token;
    const auto options = quick().cancel_token(token);
    std::thread waits{[&] {
        CHECK(client.wait_job(endless_job, options).code() == Code::cancelled);
    }};
    const Watcher watcher{client};
    watcher.add(endless_job, options);
    token.cancel();
    waits.join();
    CHECK(watcher.next()->code() == Code::cancelled);
    const Job job = client.get_job(done_job).value();
    const Result download =
        client.download(job, Output::video, "never.mp4", DownloadOptions{}.cancel_token(token));
    CHECK(download.code() == Code::cancelled && download.is_retryable());
}

static void options_keep_their_token() {
    Client client;
    WaitOptions options = quick();
    auto token = std::make_unique<CancelToken>();
    options.cancel_token(*token);
    const WaitOptions copy = options;
    token->cancel();
    token.reset();
    CHECK(client.wait_job(endless_job, options).code() == Code::cancelled);
    CHECK(client.wait_job(endless_job, copy).code() == Code::cancelled);
    CHECK(client.wait_job(done_job, options.cancel_token(nullptr)).ok());
}

static void a_callback_may_cancel_its_own_wait() {
    Client client;
    CancelToken token;
    const auto options = quick().cancel_token(token).on_poll([&](const Update &) {
        token.cancel();
        return true;
    });
    CHECK(client.wait_job(endless_job, options).code() == Code::cancelled);
}

#ifdef __cpp_lib_jthread
static void a_stop_ends_every_kind_of_call() {
    Client client;
    std::stop_source source;
    const auto options = quick().stop_token(source.get_token());
    std::thread waits{[&] {
        CHECK(client.wait_job(endless_job, options).code() == Code::cancelled);
    }};
    const Watcher watcher{client};
    watcher.add(endless_job, quick().stop_token(source.get_token())); // these options are gone at once
    const Job job = client.get_job(done_job, source.get_token()).value();
    CHECK(source.request_stop());
    waits.join();
    CHECK(watcher.next()->code() == Code::cancelled);
    CHECK(client.get_job(done_job, source.get_token()).code() == Code::cancelled);
    const auto stopped = DownloadOptions{}.stop_token(source.get_token());
    CHECK(client.download(job, Output::video, "never.mp4", stopped).code() == Code::cancelled);
}

static void a_jthread_takes_its_wait_along() {
    Client client;
    auto code = Code::ok;
    {
        const std::jthread waits{[&](std::stop_token stop) {
            code = client.wait_job(endless_job, quick().stop_token(std::move(stop))).code();
        }};
    }
    CHECK(code == Code::cancelled);
}

static void the_last_that_is_given_counts() {
    Client client;
    std::stop_source source;
    CancelToken token;
    source.request_stop();
    auto options = quick().stop_token(source.get_token()).cancel_token(token);
    CHECK(client.wait_job(done_job, options).ok());
    CHECK(client.wait_job(done_job, options.stop_token(source.get_token())).code() == Code::cancelled);
    CHECK(client.wait_job(done_job, options.stop_token({})).ok());
}
#endif

int main() {
    a_token_ends_every_kind_of_call();
    options_keep_their_token();
    a_callback_may_cancel_its_own_wait();
#ifdef __cpp_lib_jthread
    a_stop_ends_every_kind_of_call();
    a_jthread_takes_its_wait_along();
    the_last_that_is_given_counts();
#elif __cplusplus >= 202002L && defined(__GLIBCXX__)
#error "std::stop_token is there, and pictory.hpp has not seen it"
#endif
    return 0;
}
