// A part of a program in a shared object of its own, which hides its symbols: built twice, with PART the name.
#include "part.hpp"

SHOWN pictory::Client PART::make() {
    pictory::Config config;
    config.log(pictory::LogLevel::debug, [](pictory::LogLevel, std::string_view line) {
        if (line.find("GET ") == 0)
            throw Thrown{1};
    });
    return pictory::Client{config};
}

SHOWN void PART::get(const pictory::Client &client) { (void)client.get_job(done_job); }
