// Waits for a job, and downloads its video: wait_job JOB_ID [FILE]
//
// The key comes from PICTORY_API_KEY, the server from PICTORY_API_BASE_URL (default: Pictory's).

#include <pictory.hpp>

#include <csignal>
#include <iostream>

namespace {

const pictory::CancelToken interrupted;

bool print_poll(const pictory::Update &poll) {
    std::cerr << "poll " << poll.polls() << ": " << poll.message() << '\n';
    return true; // go on
}

int wait_for(const char *job_id, const char *file) try {
    const pictory::Client client;
    const auto wait = pictory::WaitOptions{}.cancel_token(interrupted).on_poll(print_poll);
    const pictory::Job job = client.wait_job(job_id, wait).value();
    std::cout << job.url().value_or("no URL") << '\n';
    if (file != nullptr) {
        const auto download = pictory::DownloadOptions{}.cancel_token(interrupted);
        client.download(job, pictory::Output::video, file, download).value();
    }
    return 0;
} catch (const pictory::Error &error) {
    std::cerr << "wait_job: " << error.what() << '\n';
    return error.code() == pictory::Code::cancelled ? 130 : 1;
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 2 && argc != 3) {
        std::cerr << "usage: wait_job JOB_ID [FILE]\n";
        return 2;
    }
    std::signal(SIGINT, [](int) { interrupted.cancel(); });
    const int status = wait_for(argv[1], argc > 2 ? argv[2] : nullptr);
    std::signal(SIGINT, SIG_DFL); // before the token goes
    return status;
}
