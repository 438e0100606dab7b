// The C++ of the README stands here between two lines of dashes.

#include "check.hpp"

#include <iostream>
#include <unistd.h>

static void readme(const char *id) {
    // ----
    try {
        pictory::Client client; // PICTORY_API_KEY
        auto options = pictory::WaitOptions{}.max_wait(10min).on_poll([](const pictory::Update &update) {
            std::cerr << update.message() << '\n';
            return true; // go on
        });
        pictory::Job job = client.wait_job(id, options).value();
        client.download(job, pictory::Output::video, "video.mp4").value();
        std::cout << job.url().value_or("no URL") << '\n';
    } catch (const pictory::Error &error) { // code(), what() and result()
        std::cerr << error.what() << '\n';
    }
    // ----
}

int main() {
    const std::string file = in_check_dir("video.mp4");
    std::remove(file.c_str());
    CHECK(chdir(in_check_dir("").c_str()) == 0);
    readme(done_job);
    CHECK(access(file.c_str(), R_OK) == 0);
    readme(failed_job);
    return 0;
}
