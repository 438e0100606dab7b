//! C calls in any order, with any arguments, over handles that live and over NULL. Nothing goes
//! over the network: a call with a live client has a cancelled token or an id that is refused.
#![no_main]

mod calls;
mod common;

use calls::{Call, Copied, Id, Place, admitted, path};
use common::{read, show_panics, text};
use libfuzzer_sys::fuzz_target;
use pictory::ffi::cancel_token::*;
use pictory::ffi::client::*;
use pictory::ffi::config::*;
use pictory::ffi::job::{pictory_job, pictory_job_field};
use pictory::ffi::result::*;
use pictory::ffi::types::pictory_code::*;
use pictory::ffi::version::*;
use pictory::ffi::wait_options::*;
use std::ffi::{c_char, c_void};
use std::ptr;

/// Handles of one type, in their places.
struct Handles<T> {
    places: [*mut T; 2],
    free: extern "C" fn(*mut T),
}

impl<T> Handles<T> {
    fn new(free: extern "C" fn(*mut T)) -> Handles<T> {
        Handles { places: [ptr::null_mut(); 2], free }
    }

    fn get(&self, place: Place) -> *mut T {
        self.places[place as usize]
    }

    /// Frees what was there.
    fn put(&mut self, place: Place, handle: *mut T) {
        (self.free)(std::mem::replace(&mut self.places[place as usize], handle));
    }
}

impl<T> Drop for Handles<T> {
    fn drop(&mut self) {
        self.places.into_iter().for_each(|handle| (self.free)(handle));
    }
}

extern "C" fn on_log(level: i32, line: *const c_char, user_data: *mut c_void) {
    assert!((1..=4).contains(&level) && user_data.is_null());
    let line = text(line).expect("a line");
    assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
}

extern "C" fn on_poll(_: *const pictory_result, _: *mut c_void) -> bool {
    panic!("no poll can have been made");
}

/// Whether a setter may end so.
fn is_setters(code: i32) -> bool {
    [
        PICTORY_OK,
        PICTORY_ERROR_INVALID_ARGUMENT,
        PICTORY_ERROR_INVALID_API_KEY,
        PICTORY_ERROR_INVALID_URL,
        PICTORY_ERROR_CERTIFICATES,
    ]
    .map(|code| code as i32)
    .contains(&code)
}

struct World {
    configs: Handles<pictory_config>,
    clients: Handles<pictory_client>,
    results: Handles<pictory_result>,
    options: Handles<pictory_wait_options>,
    /// Of the options in each place: whether their token has been cancelled.
    is_cancelled: [bool; 2],
    tokens: Handles<pictory_cancel_token>,
}

impl World {
    fn configure(&self, place: Place, set: impl FnOnce(*mut pictory_config) -> i32) {
        let config = self.configs.get(place);
        let code = set(config);
        assert!(is_setters(code), "{code}");
        let message = text(pictory_config_message(config));
        assert_eq!(message.is_some(), code != 0 && !config.is_null());
        assert!(message.is_none_or(|message| !message.contains(char::is_control)), "{message:?}");
    }

    fn option(&self, place: Place, set: impl FnOnce(*mut pictory_wait_options) -> i32) {
        let options = self.options.get(place);
        let code = set(options);
        assert!(code == PICTORY_OK as i32 || code == PICTORY_ERROR_INVALID_ARGUMENT as i32);
        let message = text(pictory_wait_options_message(options));
        assert_eq!(message.is_some(), code != 0 && !options.is_null());
    }

    fn call(&mut self, call: Call) {
        match call {
            Call::Describe(number) => {
                for of in [
                    pictory_code_name,
                    pictory_code_description,
                    pictory_status_name,
                    pictory_output_name,
                ] {
                    assert!(text(of(number)).is_some_and(|text| !text.is_empty()));
                }
                pictory_status_is_final(number);
            }
            Call::ConfigNew { place, empty: true } => {
                self.configs.put(place, pictory_config_new_empty());
            }
            Call::ConfigNew { place, empty: false } => {
                self.configs.put(place, pictory_config_new());
            }
            Call::ConfigFree(place) => self.configs.put(place, ptr::null_mut()),
            Call::ClientNew { place, config, is_null } => self.make_client(place, config, is_null),
            Call::ClientFree(place) => self.clients.put(place, ptr::null_mut()),
            Call::ClientApiKey(place, key) => {
                let key = Copied::new(key);
                let code = pictory_client_set_api_key(self.clients.get(place), key.pointer());
                assert!(is_setters(code), "{code}");
            }
            Call::Get { client, id, token, result } => self.get(client, id, token, result),
            Call::Wait { client, id, options, result } => self.wait(client, id, options, result),
            Call::Parse { body, result } => {
                let (start, length) =
                    body.as_ref().map_or((ptr::null(), 3), |body| (body.as_ptr(), body.len()));
                self.results.put(result, pictory_parse_job(start.cast(), length));
                read(self.results.get(result));
            }
            Call::Field { result, name } => {
                let job: *const pictory_job = pictory_result_job(self.results.get(result));
                text(pictory_job_field(job, Copied::new(name).pointer()));
            }
            Call::ResultCopy { from, to } => {
                let copy = pictory_result_copy(self.results.get(from));
                assert!(!copy.is_null());
                self.results.put(to, copy);
            }
            Call::JobId(id) => {
                let is_valid = pictory_job_id_is_valid(Copied::new(id.clone()).pointer());
                assert!(!is_valid || id.is_some_and(|id| id.len() >= 36));
            }
            Call::ResultFree(place) => self.results.put(place, ptr::null_mut()),
            Call::TokenNew(place) => self.tokens.put(place, pictory_cancel_token_new()),
            Call::TokenFree(place) => self.tokens.put(place, ptr::null_mut()),
            Call::Cancel(place) => {
                let token = self.tokens.get(place);
                pictory_cancel_token_cancel(token);
                assert_eq!(pictory_cancel_token_is_cancelled(token), !token.is_null());
            }
            other => self.set(other),
        }
    }

    fn set(&mut self, call: Call) {
        match call {
            Call::ApiKey(place, key) => self.configure(place, |config| {
                pictory_config_set_api_key(config, Copied::new(key).pointer())
            }),
            Call::BaseUrl(place, url) => self.configure(place, |config| {
                pictory_config_set_base_url(config, Copied::new(url).pointer())
            }),
            Call::AllowHttp(place, allow) => {
                self.configure(place, |config| pictory_config_set_allow_http(config, allow));
            }
            Call::UserAgent(place, name) => self.configure(place, |config| {
                pictory_config_set_user_agent(config, Copied::new(name).pointer())
            }),
            Call::Header(place, name, value) => self.configure(place, |config| {
                let (name, value) = (Copied::new(name), Copied::new(value));
                pictory_config_set_header(config, name.pointer(), value.pointer())
            }),
            Call::Proxy(place, url) => self.configure(place, |config| {
                pictory_config_set_proxy(config, Copied::new(url).pointer())
            }),
            Call::CaFile(place, file) => self.configure(place, |config| {
                pictory_config_set_ca_file(config, path(file).pointer())
            }),
            Call::ConnectTimeout(place, ms) => {
                self.configure(place, |config| pictory_config_set_connect_timeout_ms(config, ms))
            }
            Call::RequestTimeout(place, ms) => {
                self.configure(place, |config| pictory_config_set_request_timeout_ms(config, ms))
            }
            Call::MaxRetries(place, retries) => {
                self.configure(place, |config| pictory_config_set_max_retries(config, retries));
            }
            Call::RateLimit(place, rate) => {
                self.configure(place, |config| pictory_config_set_rate_limit(config, rate));
            }
            Call::Log { place, level, is_null } => self.configure(place, |config| {
                let callback = (!is_null).then_some(on_log as _);
                pictory_config_set_log(config, level, callback, ptr::null_mut())
            }),
            Call::OptionsNew(place) => {
                self.options.put(place, pictory_wait_options_new());
                self.is_cancelled[place as usize] = false;
            }
            Call::OptionsFree(place) => {
                self.options.put(place, ptr::null_mut());
                self.is_cancelled[place as usize] = false;
            }
            Call::MaxWait(place, ms) => {
                self.option(place, |options| pictory_wait_options_set_max_wait_ms(options, ms));
            }
            Call::PollInterval(place, ms) => {
                self.option(place, |options| pictory_wait_options_set_poll_interval_ms(options, ms))
            }
            Call::MaxFailures(place, count) => {
                self.option(place, |options| pictory_wait_options_set_max_failures(options, count))
            }
            Call::StopOnUnknown(place, stop) => self.option(place, |options| {
                pictory_wait_options_set_stop_on_unknown_status(options, stop)
            }),
            Call::OptionsToken { options, token } => self.set_token(options, token),
            Call::OnPoll { options, is_null } => self.option(options, |options| {
                let callback = (!is_null).then_some(on_poll as _);
                pictory_wait_options_set_on_poll(options, callback, ptr::null_mut())
            }),
            other => unreachable!("{other:?}"),
        }
    }

    fn set_token(&mut self, place: Place, token: Place) {
        let token = self.tokens.get(token);
        self.option(place, |options| pictory_wait_options_set_cancel_token(options, token));
        self.is_cancelled[place as usize] =
            !self.options.get(place).is_null() && pictory_cancel_token_is_cancelled(token);
    }

    fn make_client(&mut self, place: Place, config: Place, is_null: bool) {
        let config = self.configs.get(config);
        if is_null {
            let code = pictory_client_new(config, ptr::null_mut());
            return assert_eq!(code, PICTORY_ERROR_INVALID_ARGUMENT as i32);
        }
        let mut client = ptr::dangling_mut();
        let code = pictory_client_new(config, &mut client);
        assert!(is_setters(code) || code == PICTORY_ERROR_INSECURE_URL as i32, "{code}");
        assert_eq!(client.is_null(), code != 0);
        let message = text(pictory_config_message(config));
        assert_eq!(message.is_some(), code != 0 && !config.is_null());
        self.clients.put(place, client);
    }

    fn get(&mut self, client: Place, id: Id, token: Place, result: Place) {
        let (client, token) = (self.clients.get(client), self.tokens.get(token));
        let is_cancelled = pictory_cancel_token_is_cancelled(token);
        if let Some(id) = admitted(id, client.is_null() || is_cancelled) {
            self.end(result, pictory_get_job(client, id.pointer(), token));
        }
    }

    fn wait(&mut self, client: Place, id: Id, options: Place, result: Place) {
        let is_cancelled = self.is_cancelled[options as usize];
        let (client, options) = (self.clients.get(client), self.options.get(options));
        if let Some(id) = admitted(id, client.is_null() || is_cancelled) {
            self.end(result, pictory_wait_job(client, id.pointer(), options));
        }
    }

    fn end(&mut self, place: Place, result: *mut pictory_result) {
        let code = read(result);
        let codes =
            [PICTORY_ERROR_INVALID_ARGUMENT, PICTORY_ERROR_INVALID_JOB_ID, PICTORY_ERROR_CANCELLED];
        assert!(codes.map(|code| code as i32).contains(&code), "{code}");
        assert_eq!(pictory_result_polls(result), 0);
        self.results.put(place, result);
    }
}

fuzz_target!(|calls: Vec<Call>| {
    show_panics();
    let mut world = World {
        configs: Handles::new(pictory_config_free),
        clients: Handles::new(pictory_client_free),
        results: Handles::new(pictory_result_free),
        options: Handles::new(pictory_wait_options_free),
        is_cancelled: [false; 2],
        tokens: Handles::new(pictory_cancel_token_free),
    };
    calls.into_iter().for_each(|call| world.call(call));
});
