/**
 * @file pictory.hpp
 *
 * pictory.h for C++17 and later: the same calls, with handles that free themselves, exceptions where
 * something is refused, and views in place of pointers. What a function does, its defaults and its
 * codes are told by pictory.h, under the same name.
 *
 * - get_job(), wait_job(), download() and parse_job() return a Result, whatever the API and the network
 *   do; Result::value() throws Error unless it is good. Constructors and setters throw Error at once.
 * - Result, Job and Error share what they came from: copies are cheap, may be read by many threads, and
 *   keep each other's views alive. Views die with the last of them.
 * - An exception that a callback throws ends its call, and comes out of it; a watch's is in its result. It
 *   never crosses C. A compiler that is told to do without exceptions cannot use this header.
 * - A handle that was moved from answers with the absent value, or with Code::invalid_argument.
 * - A number of a code or status that this header does not know is kept, and equals no name.
 */
#ifndef PICTORY_HPP
#define PICTORY_HPP

#include <pictory.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#if __has_include(<version>)
#include <version>
#endif
#ifdef __cpp_lib_jthread
#include <stop_token>
#endif
#if defined(__cpp_lib_expected) && __cpp_lib_expected >= 202202L
#include <expected>
#endif

/* A view that lives as long as what it is asked of, where the compiler can warn of one that does not. */
#if defined(__clang__)
#define PICTORY_LIFETIMEBOUND [[clang::lifetimebound]]
#else
#define PICTORY_LIFETIMEBOUND
#endif

/* One for all shared objects of a program, though they hide their symbols. */
#if defined(__GNUC__) && !defined(_WIN32)
#define PICTORY_SHARED __attribute__((visibility("default")))
#else
#define PICTORY_SHARED
#endif

namespace pictory {

/// How a call ended.
enum class Code : std::int32_t {
    ok = PICTORY_OK,
    invalid_argument = PICTORY_ERROR_INVALID_ARGUMENT,
    invalid_job_id = PICTORY_ERROR_INVALID_JOB_ID,
    invalid_api_key = PICTORY_ERROR_INVALID_API_KEY,
    invalid_url = PICTORY_ERROR_INVALID_URL,
    insecure_url = PICTORY_ERROR_INSECURE_URL,
    certificates = PICTORY_ERROR_CERTIFICATES,
    system = PICTORY_ERROR_SYSTEM,
    already_watched = PICTORY_ERROR_ALREADY_WATCHED,
    not_watched = PICTORY_ERROR_NOT_WATCHED,
    resolve = PICTORY_ERROR_RESOLVE,
    connect = PICTORY_ERROR_CONNECT,
    tls = PICTORY_ERROR_TLS,
    proxy = PICTORY_ERROR_PROXY,
    timeout = PICTORY_ERROR_TIMEOUT,
    connection_lost = PICTORY_ERROR_CONNECTION_LOST,
    unauthorized = PICTORY_ERROR_UNAUTHORIZED,
    forbidden = PICTORY_ERROR_FORBIDDEN,
    job_not_found = PICTORY_ERROR_JOB_NOT_FOUND,
    rate_limited = PICTORY_ERROR_RATE_LIMITED,
    server = PICTORY_ERROR_SERVER,
    http_status = PICTORY_ERROR_HTTP_STATUS,
    api = PICTORY_ERROR_API,
    invalid_response = PICTORY_ERROR_INVALID_RESPONSE,
    job_failed = PICTORY_ERROR_JOB_FAILED,
    job_cleaned = PICTORY_ERROR_JOB_CLEANED,
    wait_timeout = PICTORY_ERROR_WAIT_TIMEOUT,
    cancelled = PICTORY_ERROR_CANCELLED,
    unexpected_status = PICTORY_ERROR_UNEXPECTED_STATUS,
    output_missing = PICTORY_ERROR_OUTPUT_MISSING,
    output_expired = PICTORY_ERROR_OUTPUT_EXPIRED,
    file = PICTORY_ERROR_FILE,
    internal = PICTORY_ERROR_INTERNAL
};

/// How a job stands.
enum class Status : std::int32_t {
    unknown = PICTORY_STATUS_UNKNOWN,
    in_progress = PICTORY_STATUS_IN_PROGRESS,
    completed = PICTORY_STATUS_COMPLETED,
    failed = PICTORY_STATUS_FAILED,
    cleaned = PICTORY_STATUS_CLEANED
};

/// How important a log line is.
enum class LogLevel : std::int32_t {
    off = PICTORY_LOG_LEVEL_OFF,
    error = PICTORY_LOG_LEVEL_ERROR,
    warn = PICTORY_LOG_LEVEL_WARN,
    info = PICTORY_LOG_LEVEL_INFO,
    debug = PICTORY_LOG_LEVEL_DEBUG
};

/// An output that a job leaves behind.
enum class Output : std::int32_t {
    video = PICTORY_OUTPUT_VIDEO,
    thumbnail = PICTORY_OUTPUT_THUMBNAIL,
    last_frame = PICTORY_OUTPUT_LAST_FRAME,
    preview = PICTORY_OUTPUT_PREVIEW
};

/// The name as it stands in pictory.h, such as "PICTORY_ERROR_TIMEOUT".
[[nodiscard]] inline std::string_view name(Code code) noexcept {
    return pictory_code_name(static_cast<pictory_code>(code));
}

/// The code's meaning and its remedy.
[[nodiscard]] inline std::string_view description(Code code) noexcept {
    return pictory_code_description(static_cast<pictory_code>(code));
}

/// The name as the API spells it, such as "in-progress".
[[nodiscard]] inline std::string_view name(Status status) noexcept {
    return pictory_status_name(static_cast<pictory_status>(status));
}

/// Whether a job with this status will not change any more.
[[nodiscard]] inline bool is_final(Status status) noexcept {
    return pictory_status_is_final(static_cast<pictory_status>(status));
}

/// The output's name, such as "last-frame".
[[nodiscard]] inline std::string_view name(Output output) noexcept {
    return pictory_output_name(static_cast<pictory_output>(output));
}

namespace detail {

inline std::ostream &print(std::ostream &out, std::string_view name, bool is_known, std::int32_t number) {
    return is_known ? out << name : out << name << " (" << number << ')';
}

} // namespace detail

/// Prints the name, and the number of one that has none.
inline std::ostream &operator<<(std::ostream &out, Code code) {
    const auto number = static_cast<std::int32_t>(code);
    return detail::print(out, name(code), name(code) != "PICTORY_ERROR_UNKNOWN", number);
}

inline std::ostream &operator<<(std::ostream &out, Status status) {
    const auto number = static_cast<std::int32_t>(status);
    return detail::print(out, name(status), status == Status::unknown || name(status) != "unknown", number);
}

/// The category of codes as a std::error_code: Code::ok is none.
[[nodiscard]] inline const std::error_category &category() noexcept {
    class Category : public std::error_category {
        [[nodiscard]] const char *name() const noexcept override { return "pictory"; }
        [[nodiscard]] std::string message(int code) const override {
            return pictory_code_description(static_cast<pictory_code>(code));
        }
    };
    static const Category instance;
    return instance;
}

[[nodiscard]] inline std::error_code make_error_code(Code code) noexcept {
    return {static_cast<int>(code), category()};
}

/// The version of the library that is loaded, such as "0.1.0".
[[nodiscard]] inline std::string_view version() noexcept { return pictory_version(); }

/// The ABI of the library that is loaded; that of this header is PICTORY_ABI_VERSION.
[[nodiscard]] inline std::uint32_t abi_version() noexcept { return pictory_abi_version(); }

/// Borrowed text, or none.
using View = std::optional<std::string_view>;

/// For ever, where a time can be that. A negative time is not: it is refused.
inline constexpr std::chrono::milliseconds forever = (std::chrono::milliseconds::max)();

/// No limit, where a count can be that.
inline constexpr std::uint32_t unlimited = PICTORY_UNLIMITED;

/// A parameter that takes whatever text there is to C. A null pointer is none at all, and so is text
/// with a NUL inside, of which C would see the beginning only.
class Text {
  public:
    Text(const char *text) noexcept : text_{text} {}
    Text(const std::string &text) : text_{text.c_str()}, is_whole_{text.find('\0') == text.npos} {}
    Text(std::string_view text)
        : copy_{text}, text_{copy_.c_str()}, is_whole_{text.find('\0') == text.npos} {}
    Text(const std::filesystem::path &path) : copy_{as_text(path)}, text_{copy_.c_str()} {
        is_whole_ = copy_.find('\0') == copy_.npos;
    }
    Text(const Text &) = delete;
    Text &operator=(const Text &) = delete;

    [[nodiscard]] const char *get() const noexcept { return is_whole_ ? text_ : nullptr; }
    [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }

  private:
    static std::string as_text(const std::filesystem::path &path) {
#ifdef _WIN32
        const auto text = path.u8string();
        return {text.begin(), text.end()};
#else
        return path.native();
#endif
    }
    std::string copy_;
    const char *text_;
    bool is_whole_ = true;
};

/// Whether a text can be the id of a job: a hyphenated UUID.
[[nodiscard]] inline bool is_valid_job_id(const Text &job_id) noexcept {
    return pictory_job_id_is_valid(job_id.get());
}

class Error;
class Update;
namespace detail {
struct Watch;
struct Transfer;
}

/// Told of each poll that does not end a wait; false ends it.
using PollCallback = std::function<bool(const Update &update)>;

/// Told how far a download is; a total of 0 is not known. false ends the download.
using ProgressCallback = std::function<bool(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

/// Told that a watcher begins to have something to hand out.
using ReadyCallback = std::function<void()>;

/// Takes log lines, on several threads at once.
using LogCallback = std::function<void(LogLevel level, std::string_view line)>;

namespace detail {

template <auto function> struct Free {
    template <class Handle> void operator()(Handle *handle) const noexcept { function(handle); }
};
template <class Handle, auto function> using Owned = std::unique_ptr<Handle, Free<function>>;
using OwnedResult = Owned<pictory_result, pictory_result_free>;
using TokenPointer = std::shared_ptr<pictory_cancel_token>;

/// A result, with what a callback of its watch has thrown.
struct SharedResult {
    explicit SharedResult(OwnedResult result, std::exception_ptr error = nullptr) noexcept
        : owned{std::move(result)}, thrown{std::move(error)} {}
    OwnedResult owned;
    std::exception_ptr thrown;
};
using ResultPointer = std::shared_ptr<const SharedResult>;

inline View view(const char *text) noexcept { return text != nullptr ? View{text} : std::nullopt; }

/// `absent` is what C answers where there is none; whatever there is, is more.
template <class Number> std::optional<Number> above(Number absent, Number value) noexcept {
    return value > absent ? std::optional<Number>{value} : std::nullopt;
}

inline std::optional<std::chrono::milliseconds> time(std::int64_t ms) noexcept {
    return ms >= 0 ? std::optional<std::chrono::milliseconds>{ms} : std::nullopt;
}

/// A negative time must not pass for PICTORY_WAIT_FOREVER: it counts as none.
inline std::int64_t milliseconds(std::chrono::milliseconds time) noexcept {
    return time == forever ? PICTORY_WAIT_FOREVER : time.count() < 0 ? 0 : time.count();
}

/// The exception of a callback, until it can be thrown on this side of C.
class Guard {
  public:
    /// The callback's answer; false, here and from now on, once one has thrown.
    template <class Callback> bool run(Callback &&callback) noexcept {
        try {
            return !thrown_ && callback();
        } catch (...) {
            thrown_ = std::current_exception();
            return false;
        }
    }
    void rethrow() {
        if (thrown_)
            std::rethrow_exception(std::exchange(thrown_, nullptr));
    }
    [[nodiscard]] std::exception_ptr thrown() const noexcept { return thrown_; }

  private:
    std::exception_ptr thrown_;
};

/// A call that this thread is in, which is where exceptions of a log callback come out.
class PICTORY_SHARED Call : public Guard {
  public:
    Call() noexcept : outer_{std::exchange(current(), this)} {}
    ~Call() { current() = outer_; }
    Call(const Call &) = delete;
    Call &operator=(const Call &) = delete;
    PICTORY_SHARED static Call *&current() noexcept {
        thread_local Call *call = nullptr;
        return call;
    }

  private:
    Call *outer_;
};

/// Who takes the lines of a configuration and its clients.
struct Log {
    static void line(pictory_log_level level, const char *message, void *log) noexcept {
        Guard no_call; // where this thread is a watcher's, nobody waits for what is thrown
        Call *const call = Call::current();
        (call != nullptr ? *call : no_call).run([&] {
            static_cast<const Log *>(log)->callback(static_cast<LogLevel>(level), message);
            return true;
        });
    }
    LogCallback callback;
};

} // namespace detail

/// One state of a job, as one reply gave it. What the reply did not have is std::nullopt.
class Job {
  public:
    [[nodiscard]] View id() const &noexcept { return text(pictory_job_id); }
    [[nodiscard]] Status status() const noexcept { return Status{pictory_job_status(get())}; }
    /// As the API spells it.
    [[nodiscard]] View status_text() const &noexcept { return text(pictory_job_status_text); }
    [[nodiscard]] View url() const &noexcept { return text(pictory_job_url); }
    /// As the API spells it, such as "8s".
    [[nodiscard]] View duration() const &noexcept { return text(pictory_job_duration); }
    [[nodiscard]] std::optional<double> duration_seconds() const noexcept {
        return detail::above(-1.0, pictory_job_duration_seconds(get()));
    }
    [[nodiscard]] std::optional<std::uint32_t> width() const noexcept {
        return detail::above(std::uint32_t{0}, pictory_job_width(get()));
    }
    [[nodiscard]] std::optional<std::uint32_t> height() const noexcept {
        return detail::above(std::uint32_t{0}, pictory_job_height(get()));
    }
    [[nodiscard]] View thumbnail_image_url() const &noexcept {
        return text(pictory_job_thumbnail_image_url);
    }
    [[nodiscard]] View last_frame_image_url() const &noexcept {
        return text(pictory_job_last_frame_image_url);
    }
    [[nodiscard]] View preview_image_url() const &noexcept {
        return text(pictory_job_preview_image_url);
    }
    /// The one of the four above that Client::download() fetches.
    [[nodiscard]] View output_url(Output output) const &noexcept {
        return detail::view(pictory_job_output_url(get(), static_cast<pictory_output>(output)));
    }
    [[nodiscard]] std::optional<double> ai_credits_used() const noexcept {
        return detail::above(-1.0, pictory_job_ai_credits_used(get()));
    }
    /// Percent, of render jobs.
    [[nodiscard]] std::optional<double> progress() const noexcept {
        return detail::above(-1.0, pictory_job_progress(get()));
    }
    [[nodiscard]] View error_code() const &noexcept { return text(pictory_job_error_code); }
    [[nodiscard]] View error_message() const &noexcept { return text(pictory_job_error_message); }
    /// Any member by its API name: a string as it is, anything else as JSON.
    [[nodiscard]] View field(const Text &name) const &noexcept {
        return detail::view(pictory_job_field(get(), name.get()));
    }
    // Views of a temporary would be gone before they could be read: keep the Job, or its Result.
    View id() const && = delete;
    View status_text() const && = delete;
    View url() const && = delete;
    View duration() const && = delete;
    View thumbnail_image_url() const && = delete;
    View last_frame_image_url() const && = delete;
    View preview_image_url() const && = delete;
    View output_url(Output output) const && = delete;
    View error_code() const && = delete;
    View error_message() const && = delete;
    View field(const Text &name) const && = delete;
    /// For pictory.h; nullptr once it is empty.
    [[nodiscard]] const pictory_job *get() const noexcept {
        return result_ ? pictory_result_job(result_->owned.get()) : nullptr;
    }

  private:
    friend class Result;
    explicit Job(detail::ResultPointer result) noexcept : result_{std::move(result)} {}
    View text(const char *(*accessor)(const pictory_job *)) const noexcept {
        return detail::view(accessor(get()));
    }
    detail::ResultPointer result_;
};

namespace detail {

/// What a result tells, whoever owns it.
template <class Self> class Accessors {
  public:
    [[nodiscard]] bool ok() const noexcept { return code() == Code::ok; }
    explicit operator bool() const noexcept { return ok(); }
    [[nodiscard]] Code code() const noexcept { return Code{pictory_result_code(handle())}; }
    /// One sentence for a person or a log.
    [[nodiscard]] std::string_view message() const noexcept PICTORY_LIFETIMEBOUND {
        return view(pictory_result_message(handle())).value_or("there is no result");
    }
    /// Of the last reply.
    [[nodiscard]] std::optional<std::int32_t> http_status() const noexcept {
        return above(std::int32_t{0}, pictory_result_http_status(handle()));
    }
    [[nodiscard]] bool is_retryable() const noexcept { return pictory_result_is_retryable(handle()); }
    /// The time that the server asked to wait.
    [[nodiscard]] std::optional<std::chrono::milliseconds> retry_after() const noexcept {
        return time(pictory_result_retry_after_ms(handle()));
    }
    /// Requests answered or failed, retries included.
    [[nodiscard]] std::uint32_t polls() const noexcept { return pictory_result_polls(handle()); }
    [[nodiscard]] View job_id() const &noexcept { return view(pictory_result_job_id(handle())); }
    View job_id() const && = delete; // its text would be gone
    [[nodiscard]] std::chrono::milliseconds elapsed() const noexcept {
        return std::chrono::milliseconds{pictory_result_elapsed_ms(handle())};
    }
    /// Of an update: until the next poll, if one will follow.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next_poll() const noexcept {
        return time(pictory_result_next_poll_ms(handle()));
    }
    /// Whether the wait goes on.
    [[nodiscard]] bool is_update() const noexcept { return pictory_result_is_update(handle()); }
    /// The last reply's, byte for byte.
    View body() const && = delete; // its text would be gone
    [[nodiscard]] View body() const &noexcept {
        std::size_t length = 0;
        const char *const bytes = pictory_result_body(handle(), &length);
        return bytes != nullptr ? View{std::string_view{bytes, length}} : std::nullopt;
    }
    View request_id() const && = delete; // its text would be gone
    [[nodiscard]] View request_id() const &noexcept {
        return view(pictory_result_request_id(handle()));
    }
    [[nodiscard]] std::uint64_t tag() const noexcept { return pictory_result_tag(handle()); }
    [[nodiscard]] std::uint64_t bytes_written() const noexcept {
        return pictory_result_bytes_written(handle());
    }
    /// Of a download's file, what is there.
    [[nodiscard]] std::uint64_t bytes_done() const noexcept {
        return pictory_result_bytes_done(handle());
    }
    /// Its length, where that is known.
    [[nodiscard]] std::optional<std::uint64_t> bytes_total() const noexcept {
        return above(std::uint64_t{0}, pictory_result_bytes_total(handle()));
    }

  private:
    [[nodiscard]] const pictory_result *handle() const noexcept {
        return static_cast<const Self *>(this)->get();
    }
};

} // namespace detail

/// How a call ended, with the last state of the job that was seen.
class [[nodiscard]] Result : public detail::Accessors<Result> {
  public:
    /// Takes a result of pictory.h, and frees it.
    explicit Result(detail::OwnedResult result)
        : result_{std::make_shared<detail::SharedResult>(std::move(result))} {}

    /// The last state seen, of a call that failed too.
    [[nodiscard]] std::optional<Job> job() const noexcept {
        return pictory_result_job(get()) != nullptr ? std::optional{Job{result_}} : std::nullopt;
    }
    /// The job of a call that worked; else it throws Error, or what a callback of the watch has thrown.
    Job value() const;
#if defined(__cpp_lib_expected) && __cpp_lib_expected >= 202202L
    /// The job of a call that worked, or else its Error.
    [[nodiscard]] std::expected<Job, Error> expected() const;
#endif
    /// What a callback of the watch has thrown, which ended it; nullptr if none has.
    [[nodiscard]] std::exception_ptr callback_error() const noexcept {
        return result_ ? result_->thrown : nullptr;
    }
    /// For pictory.h; nullptr once it was moved from.
    [[nodiscard]] const pictory_result *get() const noexcept {
        return result_ ? result_->owned.get() : nullptr;
    }

  private:
    friend class Error;
    friend class Update;
    friend class Watcher;
    explicit Result(detail::ResultPointer result) noexcept : result_{std::move(result)} {}
    detail::ResultPointer result_;
};

/// How a wait stands after a poll that did not end it: lent to a callback, and gone with its return.
class Update : public detail::Accessors<Update> {
  public:
    Update(const Update &) = delete;
    Update &operator=(const Update &) = delete;

    /// A result to keep, or to give to another thread.
    Result keep() const {
        if (!kept_)
            kept_ = std::make_shared<detail::SharedResult>(
                detail::OwnedResult{pictory_result_copy(update_)});
        return Result{kept_};
    }
    /// The last state seen, to keep if one likes.
    [[nodiscard]] std::optional<Job> job() const { return keep().job(); }
    /// The job of a poll that worked; else it throws Error.
    Job value() const { return keep().value(); }
    /// For pictory.h.
    [[nodiscard]] const pictory_result *get() const noexcept { return update_; }

  private:
    friend struct detail::Watch;
    explicit Update(const pictory_result *update) noexcept : update_{update} {}
    const pictory_result *update_;
    mutable detail::ResultPointer kept_;
};

/// A refusal, or the failure of a call; what() says why.
class Error : public std::runtime_error {
  public:
    explicit Error(Result result)
        : runtime_error{std::string{result.message()}}, code_{result.code()},
          result_{std::move(result)} {}
    Error(Code code, View message)
        : runtime_error{std::string{message.value_or(description(code))}}, code_{code},
          result_{detail::ResultPointer{}} {}

    [[nodiscard]] Code code() const noexcept { return code_; }
    [[nodiscard]] std::error_code error_code() const noexcept { return make_error_code(code_); }
    /// The call's; an empty one if a constructor or a setter refused.
    [[nodiscard]] const Result &result() const noexcept { return result_; }

  private:
    Code code_;
    Result result_;
};

inline Job Result::value() const {
    if (const auto thrown = callback_error())
        std::rethrow_exception(thrown);
    if (!ok())
        throw Error{*this};
    return Job{result_};
}

#if defined(__cpp_lib_expected) && __cpp_lib_expected >= 202202L
inline std::expected<Job, Error> Result::expected() const {
    if (!ok())
        return std::unexpected{Error{*this}};
    return Job{result_};
}
#endif

/// Reads a body that one holds already, such as a webhook's.
inline Result parse_job(std::string_view body) {
    return Result{detail::OwnedResult{pictory_parse_job(body.data(), body.size())}};
}

/// Cancels the calls that use it, for good; cancel() may be called in a signal handler.
class CancelToken {
  public:
    CancelToken() : token_{pictory_cancel_token_new(), pictory_cancel_token_free} {}
    CancelToken(CancelToken &&) = default;
    CancelToken &operator=(CancelToken &&) = default;

    void cancel() const noexcept { pictory_cancel_token_cancel(get()); }
    [[nodiscard]] bool is_cancelled() const noexcept {
        return pictory_cancel_token_is_cancelled(get());
    }
    /// For pictory.h; nullptr once it was moved from.
    [[nodiscard]] pictory_cancel_token *get() const noexcept { return token_.get(); }
    /// The handle that options keep; throws Error if it was moved from, since nobody could cancel by it.
    [[nodiscard]] detail::TokenPointer share() const {
        if (!token_)
            throw Error{Code::invalid_argument, "the token was moved from"};
        return token_;
    }

  private:
    detail::TokenPointer token_;
};

namespace detail {

/// Where C says no more than a code; the caller knows what its invalid argument is.
inline void check(pictory_code code, const std::string &invalid_argument) {
    if (code == PICTORY_ERROR_INVALID_ARGUMENT)
        throw Error{Code::invalid_argument, invalid_argument};
    if (code != PICTORY_OK)
        throw Error{Code{code}, std::nullopt};
}

#ifdef __cpp_lib_jthread
/// A token that is cancelled once a stop is requested.
inline TokenPointer follow(std::stop_token stop) {
    struct Cancel {
        const CancelToken &token;
        void operator()() const noexcept { token.cancel(); }
    };
    struct Link {
        explicit Link(std::stop_token source) : callback{std::move(source), Cancel{token}} {}
        CancelToken token;
        std::stop_callback<Cancel> callback;
    };
    const auto link = std::make_shared<Link>(std::move(stop));
    return TokenPointer{link, link->token.get()};
}
#endif

/// The base of the options of a wait and of a download: values, of which each call makes
/// options of pictory.h with callbacks of its own.
template <class Options, class C, auto create, auto free, auto message> class CallOptions {
  public:
    /// The token that cancels the call, in place of what did before; nullptr: nothing.
    Options &cancel_token(const CancelToken &token) { return replace(token.share()); }
    Options &cancel_token(std::nullptr_t) noexcept { return replace(nullptr); }
#ifdef __cpp_lib_jthread
    Options &stop_token(std::stop_token stop) { return replace(follow(std::move(stop))); }
#endif

  protected:
    using Handle = Owned<C, free>;
    template <class Value> using Setter = pictory_code (*)(C *, Value);
    template <class Value>
    Options &set(Setter<Value> setter, std::optional<Value> &field, std::common_type_t<Value> value) {
        const Handle options{create()};
        if (const pictory_code code = setter(options.get(), value); code != PICTORY_OK)
            throw Error{Code{code}, view(message(options.get()))};
        field = value;
        return static_cast<Options &>(*this);
    }
    template <class Value>
    static void pass(const Handle &options, Setter<Value> setter, const std::optional<Value> &field) {
        if (field)
            setter(options.get(), *field);
    }
    Options &replace(TokenPointer token) noexcept {
        token_ = std::move(token);
        return static_cast<Options &>(*this);
    }
    TokenPointer token_;
};

} // namespace detail

/// How to wait: a value, which calls copy.
class WaitOptions
    : public detail::CallOptions<WaitOptions, pictory_wait_options, pictory_wait_options_new,
                                 pictory_wait_options_free, pictory_wait_options_message> {
  public:
    /// At least 1 ms, or forever. Default: 10 minutes.
    WaitOptions &max_wait(std::chrono::milliseconds time) {
        return set(pictory_wait_options_set_max_wait_ms, max_wait_,
                   detail::milliseconds(time));
    }
    /// At least 10 ms. Default: 15 seconds.
    WaitOptions &poll_interval(std::chrono::milliseconds time) {
        return set(pictory_wait_options_set_poll_interval_ms, poll_interval_,
                   detail::milliseconds(time));
    }
    /// At least 1, or unlimited. Default: 5.
    WaitOptions &max_failures(std::uint32_t count) {
        return set(pictory_wait_options_set_max_failures, max_failures_, count);
    }
    /// Default: false.
    WaitOptions &stop_on_unknown_status(bool stop) {
        return set(pictory_wait_options_set_stop_on_unknown_status, stop_,
                   stop);
    }
    /// Of wait_job(), it runs on the thread that waits; of a watch, on one of the watcher's.
    WaitOptions &on_poll(PollCallback callback) noexcept {
        on_poll_ = std::move(callback);
        return *this;
    }
    /// Whether the polls that do not end a watch come out of next() and take() too. Default: false.
    WaitOptions &updates(bool are_wanted) {
        return set(pictory_wait_options_set_updates, updates_, are_wanted);
    }

  private:
    friend struct detail::Watch;
    std::optional<std::int64_t> max_wait_, poll_interval_;
    std::optional<std::uint32_t> max_failures_;
    std::optional<bool> stop_, updates_;
    PollCallback on_poll_;
};

/// How to download: a value, which calls copy.
class DownloadOptions
    : public detail::CallOptions<DownloadOptions, pictory_download_options,
                                 pictory_download_options_new, pictory_download_options_free,
                                 pictory_download_options_message> {
  public:
    /// Of the whole download, at least 1 ms, or forever, which is the default.
    DownloadOptions &timeout(std::chrono::milliseconds time) {
        return set(pictory_download_options_set_timeout_ms, timeout_,
                   detail::milliseconds(time));
    }
    /// Without a byte, at least 1 ms. Default: 30 seconds.
    DownloadOptions &idle_timeout(std::chrono::milliseconds time) {
        return set(pictory_download_options_set_idle_timeout_ms, idle_timeout_,
                   detail::milliseconds(time));
    }
    /// Default: 5.
    DownloadOptions &max_retries(std::uint32_t count) {
        return set(pictory_download_options_set_max_retries, max_retries_, count);
    }
    /// It runs on the thread that downloads.
    DownloadOptions &on_progress(ProgressCallback callback) noexcept {
        on_progress_ = std::move(callback);
        return *this;
    }
    /// Whether the progress of a watcher's download comes out of next() and take() too. Default: false.
    DownloadOptions &updates(bool are_wanted) {
        return set(pictory_download_options_set_updates, updates_, are_wanted);
    }

  private:
    friend class Client;
    friend struct detail::Transfer;
    Handle make(pictory_progress_callback callback, void *user_data) const {
        Handle options{pictory_download_options_new()};
        pass(options, pictory_download_options_set_timeout_ms, timeout_);
        pass(options, pictory_download_options_set_idle_timeout_ms, idle_timeout_);
        pass(options, pictory_download_options_set_max_retries, max_retries_);
        pass(options, pictory_download_options_set_updates, updates_);
        pictory_download_options_set_cancel_token(options.get(), token_.get());
        pictory_download_options_set_on_progress(options.get(), callback, user_data);
        return options;
    }
    std::optional<std::int64_t> timeout_, idle_timeout_;
    std::optional<std::uint32_t> max_retries_;
    std::optional<bool> updates_;
    ProgressCallback on_progress_;
};

namespace detail {

/// What a watcher keeps for a callback as long as it may run.
struct Kept {
    virtual ~Kept() = default;
    [[nodiscard]] virtual std::exception_ptr thrown() const noexcept = 0;
};

/// One download of a watcher.
struct Transfer : Kept, std::enable_shared_from_this<Transfer> {
    explicit Transfer(DownloadOptions given) : options{std::move(given)} {}
    [[nodiscard]] std::exception_ptr thrown() const noexcept override { return guard.thrown(); }
    [[nodiscard]] DownloadOptions::Handle make() {
        return options.make(options.on_progress_ ? on_progress : nullptr, this);
    }
    static bool on_progress(std::uint64_t done, std::uint64_t total, void *transfer) noexcept {
        // It may be removed, or its watcher destroyed, from within its own callback.
        const auto self = static_cast<Transfer *>(transfer)->shared_from_this();
        return self->guard.run([&] { return self->options.on_progress_(done, total); });
    }

    const DownloadOptions options;
    Guard guard;
};

/// One wait: what its callback needs for as long as it may run.
struct Watch : Kept, std::enable_shared_from_this<Watch> {
    explicit Watch(WaitOptions given) : options{std::move(given)}, guard{own_guard} {}
    Watch(WaitOptions given, Call &call) : options{std::move(given)}, guard{call} {}

    [[nodiscard]] std::exception_ptr thrown() const noexcept override { return guard.thrown(); }
    [[nodiscard]] bool has_callback() const noexcept { return bool{options.on_poll_}; }
    [[nodiscard]] WaitOptions::Handle make(bool is_told) {
        WaitOptions::Handle made{pictory_wait_options_new()};
        options.pass(made, pictory_wait_options_set_max_wait_ms, options.max_wait_);
        options.pass(made, pictory_wait_options_set_poll_interval_ms, options.poll_interval_);
        options.pass(made, pictory_wait_options_set_max_failures, options.max_failures_);
        options.pass(made, pictory_wait_options_set_stop_on_unknown_status, options.stop_);
        options.pass(made, pictory_wait_options_set_updates, options.updates_);
        pictory_wait_options_set_cancel_token(made.get(), options.token_.get());
        pictory_wait_options_set_on_poll(made.get(), is_told ? on_poll : nullptr, this);
        return made;
    }
    static bool on_poll(const pictory_result *update, void *watch) noexcept {
        // It may be removed, or its watcher destroyed, from within its own callback.
        const auto self = static_cast<Watch *>(watch)->shared_from_this();
        return self->guard.run(
            [&] { return !self->has_callback() || self->options.on_poll_(Update{update}); });
    }

    const WaitOptions options;
    Guard own_guard;
    Guard &guard;
};

} // namespace detail

/// The settings of a client. A refused value throws Error and leaves the old one.
class Config {
  public:
    /// The defaults, and what the environment says.
    Config() : Config{pictory_config_new()} {}
    /// The defaults alone.
    [[nodiscard]] static Config empty() { return Config{pictory_config_new_empty()}; }

    Config &api_key(const Text &key) { return set(pictory_config_set_api_key, key); }
    Config &base_url(const Text &url) { return set(pictory_config_set_base_url, url); }
    Config &allow_http(bool allow) { return set(pictory_config_set_allow_http, allow); }
    /// nullptr: the default again.
    Config &user_agent(const Text &name) { return set(pictory_config_set_user_agent, name); }
    /// nullptr for the value removes it.
    Config &header(const Text &name, const Text &value) {
        return judge(pictory_config_set_header(get(), whole(name), whole(value)));
    }
    /// nullptr: none, whatever the environment says.
    Config &proxy(const Text &url) { return set(pictory_config_set_proxy, url); }
    /// nullptr: the system's certificates again.
    Config &ca_file(const Text &path) { return set(pictory_config_set_ca_file, path); }
    Config &connect_timeout(std::chrono::milliseconds time) {
        return set(pictory_config_set_connect_timeout_ms, detail::milliseconds(time));
    }
    Config &request_timeout(std::chrono::milliseconds time) {
        return set(pictory_config_set_request_timeout_ms, detail::milliseconds(time));
    }
    Config &max_retries(std::uint32_t count) { return set(pictory_config_set_max_retries, count); }
    /// 0: none.
    Config &rate_limit(double requests_per_second) {
        return set(pictory_config_set_rate_limit, requests_per_second);
    }
    /// Lines up to this level. What the callback throws comes out of the call on whose thread it ran,
    /// which it ends if that is a wait or a download; on a watcher's own thread it is dropped.
    Config &log(LogLevel level, LogCallback callback) {
        auto log = std::make_shared<detail::Log>(detail::Log{std::move(callback)});
        judge(pictory_config_set_log(get(), static_cast<pictory_log_level>(level),
                                     log->callback ? detail::Log::line : nullptr, log.get()));
        log_ = std::move(log);
        return *this;
    }
    /// For pictory.h; nullptr once it was moved from.
    [[nodiscard]] pictory_config *get() const noexcept { return handle_.get(); }

  private:
    friend class Client;
    explicit Config(pictory_config *config) noexcept : handle_{config} {}
    template <class Value>
    Config &set(pictory_code (*setter)(pictory_config *, Value), std::common_type_t<Value> value) {
        return judge(setter(get(), value));
    }
    Config &set(pictory_code (*setter)(pictory_config *, const char *), const Text &text) {
        return judge(setter(get(), whole(text)));
    }
    /// nullptr has a meaning of its own here: text that cannot be passed must not come to that.
    static const char *whole(const Text &text) {
        if (!text.is_whole())
            throw Error{Code::invalid_argument, "the text holds a NUL"};
        return text.get();
    }
    Config &judge(pictory_code code) {
        if (code != PICTORY_OK)
            throw Error{Code{code}, detail::view(pictory_config_message(get()))};
        return *this;
    }
    std::shared_ptr<const detail::Log> log_;
    detail::Owned<pictory_config, pictory_config_free> handle_;
};

/// Connections, key and limits: one for all threads, which may use it at once.
class Client {
  public:
    /// As the environment says.
    Client() : Client{Config{}} {}
    /// The configuration is used by one thread at a time: why it is refused is kept in it.
    explicit Client(const Config &config) {
        if (config.get() == nullptr)
            throw Error{Code::invalid_argument, "the configuration was moved from"};
        detail::Call call;
        pictory_client *client = nullptr;
        const pictory_code code = pictory_client_new(config.get(), &client);
        handle_ = Handle{client, FreeClient{config.log_}};
        call.rethrow();
        if (code != PICTORY_OK)
            throw Error{Code{code}, detail::view(pictory_config_message(config.get()))};
    }

    /// The next request uses it.
    void set_api_key(const Text &key) const {
        detail::check(pictory_client_set_api_key(get(), key.get()), "no client, or no key as text");
    }
    Result get_job(const Text &job_id) const { return request(job_id, nullptr); }
    Result get_job(const Text &job_id, const CancelToken &token) const {
        return request(job_id, token.share());
    }
#ifdef __cpp_lib_jthread
    Result get_job(const Text &job_id, std::stop_token stop) const {
        return request(job_id, detail::follow(std::move(stop)));
    }
#endif
    Result wait_job(const Text &job_id, WaitOptions options = {}) const {
        detail::Call call;
        const auto wait = std::make_shared<detail::Watch>(std::move(options), call);
        const auto made = wait->make(true); // it is told of what a log callback threw, too
        return end(call, pictory_wait_job(get(), job_id.get(), made.get()));
    }
    /// Result::value() is the job once the file is in its place.
    Result download(const Job &job, Output output, const Text &path,
                    const DownloadOptions &options = {}) const {
        struct Told {
            const ProgressCallback &on_progress;
            detail::Call call;
        } told{options.on_progress_, {}};
        const auto made = options.make(
            [](std::uint64_t done, std::uint64_t total, void *data) noexcept {
                auto &[on_progress, call] = *static_cast<Told *>(data);
                return call.run([&, &callback = on_progress] {
                    return !callback || callback(done, total);
                });
            },
            &told);
        return end(told.call, pictory_download(get(), job.get(), static_cast<pictory_output>(output),
                                               path.get(), made.get()));
    }
    /// For pictory.h; nullptr once it was moved from.
    [[nodiscard]] const pictory_client *get() const noexcept { return handle_.get(); }

  private:
    /// The log callback lives until no line comes any more.
    struct FreeClient {
        std::shared_ptr<const detail::Log> log;
        void operator()(pictory_client *client) const noexcept { pictory_client_free(client); }
    };
    using Handle = std::unique_ptr<pictory_client, FreeClient>;
    Result request(const Text &job_id, const detail::TokenPointer &token) const {
        detail::Call call;
        return end(call, pictory_get_job(get(), job_id.get(), token.get()));
    }
    static Result end(detail::Call &call, pictory_result *result) {
        Result ended{detail::OwnedResult{result}};
        call.rethrow();
        return ended;
    }
    Handle handle_;
};

/// Waits for many jobs at once. Its functions may be called on many threads at once, and by callbacks;
/// before it is destroyed they must have returned: see wake().
class Watcher {
  public:
    explicit Watcher(const Client &client) : state_{std::make_unique<State>()} {
        pictory_watcher *watcher = nullptr;
        detail::check(pictory_watcher_new(client.get(), &watcher), "the client was moved from");
        state_->handle.reset(watcher);
    }

    /// Throws Error if the id is none, or is watched under this tag already. Callback and token are
    /// kept until next() has handed the watch out, or it was removed.
    void add(const Text &job_id, WaitOptions options = {}, std::uint64_t tag = 0) const {
        const auto watch = std::make_shared<detail::Watch>(std::move(options));
        const auto made = watch->make(watch->has_callback());
        keep(key(job_id.get(), tag), watch, "there is no job id",
             [&] { return pictory_watcher_add(get(), job_id.get(), made.get(), tag); });
    }
    /// Downloads an output on a thread of the watcher's: the result comes out of next() and take().
    /// Throws Error if it is refused at once. Known by the job's id and the tag, as a watch is.
    void download(const Job &job, Output output, const Text &path, DownloadOptions options = {},
                  std::uint64_t tag = 0) const {
        const auto transfer = std::make_shared<detail::Transfer>(std::move(options));
        const auto made = transfer->make();
        keep(key(pictory_job_id(job.get()), tag), transfer, "there is no job, no such output or no path",
             [&] {
                 return pictory_watcher_download(get(), job.get(), static_cast<pictory_output>(output),
                                                 path.get(), made.get(), tag);
             });
    }
    /// Forgets a watch, with what its callback has thrown. false if it is not watched.
    bool remove(const Text &job_id, std::uint64_t tag = 0) const {
        const bool is_removed = was_watched(pictory_watcher_remove(get(), job_id.get(), tag));
        if (is_removed)
            forget(job_id.get(), tag);
        return is_removed;
    }
    /// Polls a job now. false if it is not watched.
    bool poke(const Text &job_id) const {
        return was_watched(pictory_watcher_poke(get(), job_id.get()));
    }
    /// The next watch that is settled, or an update; nothing if the time is up, nothing is left or
    /// wake() was called. What the callback of that watch has thrown is Result::callback_error().
    [[nodiscard]] std::optional<Result> next(std::chrono::milliseconds timeout = forever) const {
        return hand_out(pictory_watcher_next, timeout);
    }
    /// As next(), but it waits while nothing is watched, too: for a thread that serves.
    [[nodiscard]] std::optional<Result> take(std::chrono::milliseconds timeout = forever) const {
        return hand_out(pictory_watcher_take, timeout);
    }
    /// Who is told, to wake a loop of his own, that next(0ms) begins to have something: at once, on
    /// this thread, if it has already (what it throws comes out, and none is set then), else on a thread
    /// of the watcher's, where nothing may be thrown.
    void on_ready(ReadyCallback callback) const {
        if (!state_)
            throw Error{Code::invalid_argument, "the watcher was moved from"};
        const bool is_set = bool{callback};
        auto kept = is_set ? std::make_shared<const ReadyCallback>(std::move(callback)) : nullptr;
        const auto swap = [&] {
            const std::lock_guard<std::mutex> lock{state_->mutex};
            kept.swap(state_->on_ready);
        };
        swap();
        detail::Call call;
        detail::check(pictory_watcher_set_on_ready(get(), is_set ? State::ready : nullptr, state_.get()),
                      "the watcher cannot be used here");
        if (call.thrown()) {
            pictory_watcher_set_on_ready(get(), nullptr, nullptr);
            kept.reset();
            swap();
        }
        call.rethrow();
    }
    /// Has one next() or take(), blocked now or called next, return nothing.
    void wake() const noexcept { pictory_watcher_wake(get()); }
    /// Added, and neither handed out nor removed.
    [[nodiscard]] std::size_t pending() const noexcept { return pictory_watcher_pending(get()); }
    /// Readable while next() would not block; only for polling. -1 where there is none.
    [[nodiscard]] int fd() const noexcept { return pictory_watcher_fd(get()); }
    /// For pictory.h; nullptr once it was moved from.
    [[nodiscard]] const pictory_watcher *get() const noexcept {
        return state_ ? state_->handle.get() : nullptr;
    }

  private:
    using Key = std::pair<std::string, std::uint64_t>;
    struct State {
        std::mutex mutex;
        /// One that is handed out, and not yet taken from here, may have been added again.
        std::multimap<Key, std::shared_ptr<detail::Kept>> watches;
        std::shared_ptr<const ReadyCallback> on_ready;
        /// Freed first: callbacks run until it is.
        detail::Owned<pictory_watcher, pictory_watcher_free> handle;
        static void ready(void *state) noexcept {
            std::shared_ptr<const ReadyCallback> callback;
            {
                const std::lock_guard<std::mutex> lock{static_cast<State *>(state)->mutex};
                callback = static_cast<State *>(state)->on_ready;
            }
            if (!callback)
                return;
            if (detail::Call *const call = detail::Call::current())
                call->run([&] { return (*callback)(), true; });
            else
                (*callback)();
        }
    };
    /// Kept before it can run, and listed before next() can look for it.
    template <class Add>
    void keep(Key name, std::shared_ptr<detail::Kept> callback, const char *invalid_argument,
              Add &&add) const {
        if (!state_)
            throw Error{Code::invalid_argument, "the watcher was moved from"};
        const std::lock_guard<std::mutex> lock{state_->mutex};
        const auto kept = state_->watches.emplace(std::move(name), std::move(callback));
        const pictory_code code = add();
        if (code != PICTORY_OK)
            state_->watches.erase(kept);
        detail::check(code, invalid_argument);
    }
    std::optional<Result> hand_out(pictory_result *(*function)(const pictory_watcher *, std::int64_t),
                                   std::chrono::milliseconds timeout) const {
        detail::OwnedResult next{function(get(), detail::milliseconds(timeout))};
        if (!next)
            return std::nullopt;
        if (pictory_result_is_update(next.get()))
            return Result{std::move(next)};
        const auto watch = forget(pictory_result_job_id(next.get()), pictory_result_tag(next.get()));
        auto thrown = watch ? watch->thrown() : nullptr;
        return Result{std::make_shared<detail::SharedResult>(std::move(next), std::move(thrown))};
    }
    static Key key(const char *job_id, std::uint64_t tag) {
        std::string id{job_id != nullptr ? job_id : ""};
        for (char &letter : id)
            letter = letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter;
        return {std::move(id), tag};
    }
    [[nodiscard]] bool was_watched(pictory_code code) const {
        if (state_ && code != PICTORY_ERROR_NOT_WATCHED)
            detail::check(code, "there is no job id");
        return code == PICTORY_OK;
    }
    /// The oldest of its name: those are handed out and removed in the order of their adding.
    std::shared_ptr<detail::Kept> forget(const char *job_id, std::uint64_t tag) const {
        const Key wanted = key(job_id, tag);
        const std::lock_guard<std::mutex> lock{state_->mutex};
        const auto found = state_->watches.lower_bound(wanted);
        if (found == state_->watches.end() || found->first != wanted)
            return nullptr;
        return std::move(state_->watches.extract(found).mapped());
    }
    std::unique_ptr<State> state_;
};

} // namespace pictory

template <> struct std::is_error_code_enum<pictory::Code> : std::true_type {};

#undef PICTORY_LIFETIMEBOUND
#undef PICTORY_SHARED

#endif
