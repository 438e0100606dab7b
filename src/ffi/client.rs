//! `pictory_client`, and the calls that it makes.

use std::ffi::c_char;
use std::sync::Arc;

use super::boundary::{self, Handle, borrow, lend, optional, own, take_back, text, write};
use super::cancel_token::pictory_cancel_token;
use super::config::pictory_config;
use super::result::pictory_result;
use super::types::code_value;
use super::wait_options::pictory_wait_options;
use crate::client::Client;
use crate::config::Config;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::wait::wait;

/// Connections, key and limits. Share one between all threads: it keeps connections open between
/// calls, so that a client for each call costs a TLS handshake each time. After fork(), on Linux
/// with glibc, a child may go on using it, and opens its own connections.
pub struct pictory_client {
    _private: (),
}

impl Handle for pictory_client {
    type Core = Arc<Client>;
}

/// Makes a client. Opens no connection yet.
///
/// @param config the configuration, which is copied; NULL: the values of pictory_config_new().
/// @param client where the client is written to, which must be freed with pictory_client_free();
/// NULL is written on failure.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT if `client` is NULL;
/// PICTORY_ERROR_INVALID_API_KEY, PICTORY_ERROR_INVALID_URL for a value that is missing, or was
/// refused in the environment; PICTORY_ERROR_INSECURE_URL for plain http to a host that is not
/// loopback, unless pictory_config_set_allow_http() allows it. pictory_config_message() says why, and
/// so does a line of PICTORY_LOG_LEVEL_ERROR to the configuration's log callback.
///
/// Thread-safe, as long as nobody else uses `config` meanwhile. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_client_new(
    config: *mut pictory_config,
    client: *mut *mut pictory_client,
) -> code_value {
    boundary::set_or(config, "config", Config::from_environment, |config| {
        write(client, std::ptr::null_mut());
        if client.is_null() {
            return Err(Error::argument("client is NULL"));
        }
        write(client, own(Arc::new(Client::new(config)?)));
        Ok(())
    })
}

/// Frees a client. Calls and watchers that still run keep what they need. No line is logged after
/// it has returned.
///
/// @param client the client; NULL does nothing.
///
/// Blocks only while a log callback runs on another thread.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_client_free(client: *mut pictory_client) {
    boundary::value((), || {
        if let Some(client) = take_back(client) {
            client.close_log();
        }
    });
}

/// Replaces the API key, for a key that expires or is rotated. The next request uses it, in calls
/// that are under way too.
///
/// @param client the client.
/// @param api_key the key as Pictory gave it out, without "Bearer" before it; copied.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT for NULL or invalid UTF-8;
/// PICTORY_ERROR_INVALID_API_KEY. A refused key leaves the old one.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_client_set_api_key(
    client: *const pictory_client,
    api_key: *const c_char,
) -> code_value {
    boundary::code(|| {
        let client = Arc::clone(borrow(client, "client")?);
        client.set_api_key(text(api_key, "api_key")?)
    })
}

/// Gets the state of a job: one request, and up to pictory_config_set_max_retries() more where it
/// failed for a reason that passes. It takes at most (retries + 1) times the request timeout, plus
/// the pauses of 0.5 s, 1 s, 2 s and so on, or of the server's Retry-After up to 30 s, plus what it
/// waits for its turn where there is a rate limit.
///
/// @param client the client.
/// @param job_id a hyphenated UUID, the jobId that Pictory's generate-video request returned.
/// @param token cancels the call; NULL: it cannot be cancelled.
/// @return a result, which must be freed with pictory_result_free(). Never NULL. Its code is
/// PICTORY_OK if a state was read, whatever it is, a failed job included;
/// PICTORY_ERROR_INVALID_ARGUMENT, PICTORY_ERROR_INVALID_JOB_ID (nothing was sent),
/// PICTORY_ERROR_CERTIFICATES, PICTORY_ERROR_SYSTEM, PICTORY_ERROR_CANCELLED,
/// PICTORY_ERROR_INTERNAL, or one from 100 to 207.
///
/// Thread-safe. Blocks.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_get_job(
    client: *const pictory_client,
    job_id: *const c_char,
    token: *const pictory_cancel_token,
) -> *mut pictory_result {
    boundary::result_for(client, job_id, |job_id| {
        let client = Arc::clone(borrow(client, "client")?);
        let token = optional(token).cloned();
        Ok(client.get(&job_id, token.as_ref()))
    })
}

/// Waits until a job is settled: polls it at once, then every poll interval, until it has
/// completed, failed or was cleaned, the time is up, or the token or the callback ends the wait.
/// Failed polls are overcome. Pictory asks for an interval of 10 to 30 seconds.
///
/// @param client the client.
/// @param job_id a hyphenated UUID, the jobId that Pictory's generate-video request returned.
/// @param options how to wait, copied; NULL: the defaults.
/// @return a result, which must be freed with pictory_result_free(). Never NULL. Its code is
/// PICTORY_OK if the job completed; PICTORY_ERROR_JOB_FAILED, PICTORY_ERROR_JOB_CLEANED;
/// PICTORY_ERROR_WAIT_TIMEOUT (at most 50 ms after the time is up, that in callbacks aside),
/// PICTORY_ERROR_CANCELLED, PICTORY_ERROR_UNEXPECTED_STATUS, after which the job may still run; or
/// one of those of pictory_get_job(). The last state seen is in the result in every case.
///
/// Thread-safe: many threads may wait through one client. Blocks. The callback runs on this
/// thread.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_job(
    client: *const pictory_client,
    job_id: *const c_char,
    options: *const pictory_wait_options,
) -> *mut pictory_result {
    boundary::result_for(client, job_id, |job_id| {
        let client = Arc::clone(borrow(client, "client")?);
        let options = optional(options).map(|options| options.values.clone()).unwrap_or_default();
        let on_poll = options.on_poll;
        let mut call_back = |update: &Outcome| on_poll.is_none_or(|call| call.poll(lend(update)));
        Ok(wait(&client, &job_id, options.rules, options.token.as_ref(), Some(&mut call_back)))
    })
}

/// Reads the body of a reply that the caller holds already, such as a webhook's or a stored one.
/// Nothing is sent: a body that came from elsewhere proves nothing until pictory_get_job() has
/// confirmed it.
///
/// @param json the body, of at most 1 MiB; it need not end in NUL, and is copied.
/// @param length its length in bytes.
/// @return a result, which must be freed with pictory_result_free(). Never NULL. Its code is
/// PICTORY_OK if a state was read, whatever it is, a failed job included;
/// PICTORY_ERROR_INVALID_ARGUMENT if `json` is NULL; PICTORY_ERROR_INVALID_RESPONSE,
/// PICTORY_ERROR_JOB_NOT_FOUND, PICTORY_ERROR_API as pictory_get_job() would report the body.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_parse_job(json: *const c_char, length: usize) -> *mut pictory_result {
    boundary::result(|| match boundary::bytes(json, length, "json") {
        Ok(body) => Outcome::parsed(body),
        Err(error) => Outcome::refused(error, None),
    })
}
