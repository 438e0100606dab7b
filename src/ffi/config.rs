//! `pictory_config`.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::boundary::{
    self, Handle, Refuse, Settable, UserData, optional_bytes, optional_text, own, pointer,
    take_back, text,
};
use super::types::{code_value, log_level_value, pictory_log_callback};
use crate::config::Config;
use crate::error::Error;
use crate::log::{Level, Sink};
use crate::text::Text;
use crate::{panic_guard, sys};

/// The settings of a client. Setters copy and check at once; a refused value leaves the old one,
/// and pictory_config_message() says why.
pub struct pictory_config {
    _private: (),
}

impl Handle for pictory_config {
    type Core = Settable<Config>;
}

impl Refuse for Config {
    fn refusal(&self, error: &Error) -> Text {
        Config::refusal(self, error)
    }
}

/// Makes a configuration with the defaults and what the environment says: PICTORY_API_KEY,
/// PICTORY_API_BASE_URL, and the proxies as curl has them: https_proxy or HTTPS_PROXY for https URLs,
/// http_proxy for http URLs, else all_proxy or ALL_PROXY, but for the hosts in no_proxy or NO_PROXY. An
/// empty variable is an unset one. A key or a base URL that cannot be used is reported by
/// pictory_client_new(), unless a setter has replaced it; a proxy that cannot be used, by the calls
/// that would use it, as PICTORY_ERROR_INVALID_URL. Loopback never goes through the environment's
/// proxy. A program that runs with more
/// rights than its user (setuid) has no environment.
///
/// @return the configuration, which must be freed with pictory_config_free(). Never NULL.
///
/// Thread-safe, as long as nobody changes the environment meanwhile. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_new() -> *mut pictory_config {
    boundary::value(std::ptr::null_mut(), || own(Settable::new(Config::from_environment())))
}

/// Makes a configuration with the defaults alone: it reads no environment, and has no API key.
///
/// @return the configuration, which must be freed with pictory_config_free(). Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_new_empty() -> *mut pictory_config {
    boundary::value(std::ptr::null_mut(), || own(Settable::new(Config::new())))
}

/// Frees a configuration; its copy of the API key is overwritten. Clients made with it keep their
/// own.
///
/// @param config the configuration; NULL does nothing.
///
/// Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_free(config: *mut pictory_config) {
    boundary::value((), || drop(take_back(config)));
}

/// The API key, from https://app.pictory.ai/api-access. It is sent as it is, to the base URL's host
/// and nowhere else.
///
/// @param config the configuration.
/// @param api_key the key, without "Bearer" before it; copied.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT for NULL or invalid UTF-8;
/// PICTORY_ERROR_INVALID_API_KEY if it is empty, not printable ASCII, begins or ends with a blank,
/// begins with "Bearer" or "PICTORY_API_KEY=", or has quotation marks around it.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_api_key(
    config: *mut pictory_config,
    api_key: *const c_char,
) -> code_value {
    boundary::set(config, "config", |config| config.set_api_key(text(api_key, "api_key")?))
}

/// Where the API is: the part of the URL before "/v1/jobs/". A slash at its end does not count.
///
/// @param config the configuration.
/// @param url such as "https://api.pictory.ai/pictoryapis", the default; plain http is judged by
/// pictory_client_new(). Without user name, query and fragment; an @ in its path is written as %40;
/// copied.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT for NULL or invalid UTF-8;
/// PICTORY_ERROR_INVALID_URL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_base_url(
    config: *mut pictory_config,
    url: *const c_char,
) -> code_value {
    boundary::set(config, "config", |config| config.set_base_url(text(url, "url")?))
}

/// Whether plain http is accepted for hosts other than loopback. The API key then crosses the
/// network in clear text.
///
/// @param config the configuration.
/// @param allow default: false.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `config` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_allow_http(
    config: *mut pictory_config,
    allow: bool,
) -> code_value {
    boundary::set(config, "config", |config| {
        config.set_allow_http(allow);
        Ok(())
    })
}

/// How this program calls itself. The edge in front of the API refuses some names with HTTP 403.
///
/// @param config the configuration.
/// @param user_agent printable ASCII; copied; NULL: the default again, "pictory-c/" and the version.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_user_agent(
    config: *mut pictory_config,
    user_agent: *const c_char,
) -> code_value {
    boundary::set(config, "config", |config| {
        config.set_user_agent(optional_text(user_agent, "user_agent")?)
    })
}

/// An extra header of every request to the API, such as X-Pictory-User-Id. Its value is treated as
/// a secret.
///
/// @param config the configuration.
/// @param name the name, in any case; the same name again replaces the value. Those that the library sets
/// itself are refused: Authorization, Host, Accept, User-Agent, Connection, Content-Length,
/// Transfer-Encoding, TE, Upgrade and Proxy-*.
/// @param value printable ASCII, of at most 8192 bytes, without a blank at either end; copied; NULL removes
/// the header.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_header(
    config: *mut pictory_config,
    name: *const c_char,
    value: *const c_char,
) -> code_value {
    boundary::set(config, "config", |config| {
        config.set_header(text(name, "name")?, optional_text(value, "value")?)
    })
}

/// The proxy for every request, asked to CONNECT.
///
/// @param config the configuration.
/// @param url "http://host:port" or "http://user:password@host:port", also without "http://"; in user and
/// password, a /, ? or # is written as %2F, %3F or %23; copied. NULL or "": none, whatever the
/// environment says.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT for invalid UTF-8; PICTORY_ERROR_INVALID_URL for any
/// other kind of proxy.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_proxy(
    config: *mut pictory_config,
    url: *const c_char,
) -> code_value {
    boundary::set(config, "config", |config| config.set_proxy(optional_text(url, "url")?))
}

/// The certificates to trust, instead of the system's. There is no way to turn verification off.
///
/// @param config the configuration.
/// @param path a PEM file, read and checked now; copied; bytes on POSIX, UTF-8 on Windows. NULL: the
/// system's again.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT; PICTORY_ERROR_CERTIFICATES if the file cannot be
/// read or holds no certificate.
///
/// Not thread-safe. Blocks while the file is read.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_ca_file(
    config: *mut pictory_config,
    path: *const c_char,
) -> code_value {
    boundary::set(config, "config", |config| {
        let not_a_path = || Error::argument("path is not UTF-8");
        let path = optional_bytes(path).map(|path| sys::path(path).ok_or_else(not_a_path));
        config.set_ca_file(path.transpose()?)
    })
}

/// How long it may take to make a connection: lookup, connect, proxy and TLS handshake. Running out
/// of it is PICTORY_ERROR_TIMEOUT.
///
/// @param config the configuration.
/// @param ms milliseconds, at least 1. Default: 10000. Above ten years counts as ten years.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_connect_timeout_ms(
    config: *mut pictory_config,
    ms: i64,
) -> code_value {
    boundary::set(config, "config", |config| config.set_connect_timeout_ms(ms))
}

/// How long one request may take, from the lookup of the name to the last byte, connect timeout
/// included.
///
/// @param config the configuration.
/// @param ms milliseconds, at least 1. Default: 30000. Above ten years counts as ten years.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_request_timeout_ms(
    config: *mut pictory_config,
    ms: i64,
) -> code_value {
    boundary::set(config, "config", |config| config.set_request_timeout_ms(ms))
}

/// How often one pictory_get_job() tries again after a failure that passes. A get takes at most
/// (retries + 1) times the request timeout, plus the pauses. A wait has its own rules: see
/// pictory_wait_options_set_max_failures().
///
/// @param config the configuration.
/// @param retries 0 and more. Default: 2.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `config` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_max_retries(
    config: *mut pictory_config,
    retries: u32,
) -> code_value {
    boundary::set(config, "config", |config| {
        config.set_max_retries(retries);
        Ok(())
    })
}

/// How many requests all calls of the client together make in a second, without bursts. A call that
/// waits for its turn still obeys its deadline and its token.
///
/// @param config the configuration.
/// @param requests_per_second finite, such as 0.5 for one every two seconds. Default: 0, no limit.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_rate_limit(
    config: *mut pictory_config,
    requests_per_second: f64,
) -> code_value {
    boundary::set(config, "config", |config| config.set_rate_limit(requests_per_second))
}

/// Where lines about the work of the client go. Without it nothing is logged, and nothing is ever
/// written to stdout or stderr.
///
/// @param config the configuration.
/// @param level the least important lines that are wanted.
/// @param callback see pictory_log_callback; NULL: nobody.
/// @param user_data handed to the callback as it is. It must live until pictory_client_free() has
/// returned for every client made with this configuration; after that no line comes.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_set_log(
    config: *mut pictory_config,
    level: log_level_value,
    callback: pictory_log_callback,
    user_data: *mut c_void,
) -> code_value {
    boundary::set(config, "config", |config| {
        let unknown = || Error::argument(format!("{level} is not a log level"));
        let level = Level::from_number(level).ok_or_else(unknown)?;
        let user_data = UserData(user_data);
        let sink = callback.map(|function| -> Sink {
            Arc::new(move |level, line| {
                let (line, user_data) = (Text::new(line), user_data);
                let level = level as log_level_value;
                // SAFETY: the host gave the function for this use and keeps what `user_data` points
                // to until the last client is freed; the line lives for the call.
                panic_guard::outside(|| unsafe {
                    function(level, pointer(Some(line.view())), user_data.0)
                });
            })
        });
        config.set_log(level, sink);
        Ok(())
    })
}

/// Why the last setter on this configuration, or the last pictory_client_new() with it, refused, in one
/// sentence.
///
/// @param config the configuration; NULL has none.
/// @return a string that lives until the next of them, so that the two do not go into one
/// expression; NULL if the last one did not refuse.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_config_message(config: *const pictory_config) -> *const c_char {
    boundary::message(config)
}
