//! Errors: one table of codes, and the error that carries one.

use std::fmt;

macro_rules! codes {
    ($($(#[$attribute:meta])* $variant:ident = $number:literal, $name:literal, $passing:literal, $description:literal;)*) => {
        /// The code of a call's outcome. The numbers are part of the ABI and are never reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(i32)]
        pub enum Code {
            $(#[doc = $description] $variant = $number,)*
        }

        impl Code {
            /// Every code, in the order of its number.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The name in the C header, ending in NUL.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => concat!($name, "\0"),)* }
            }

            /// One sentence that says what to do, ending in NUL.
            pub const fn description(self) -> &'static str {
                match self { $(Code::$variant => concat!($description, "\0"),)* }
            }

            /// Whether the same request may succeed a moment later, whatever the HTTP status.
            const fn passes(self) -> bool {
                match self { $(Code::$variant => $passing,)* }
            }
        }
    };
}

codes! {
    Ok = 0, "PICTORY_OK", false,
        "the call worked";
    InvalidArgument = 1, "PICTORY_ERROR_INVALID_ARGUMENT", false,
        "an argument is NULL, not UTF-8 or out of range: check what was passed; a message, where there is one, says which";
    InvalidJobId = 2, "PICTORY_ERROR_INVALID_JOB_ID", false,
        "the job id is not a hyphenated UUID: pass the jobId that the generate-video request returned";
    InvalidApiKey = 3, "PICTORY_ERROR_INVALID_API_KEY", false,
        "the API key is missing or malformed: set PICTORY_API_KEY, and pass it without 'Bearer'";
    InvalidUrl = 4, "PICTORY_ERROR_INVALID_URL", false,
        "a URL cannot be parsed or has an unsupported scheme: check the base URL, the proxy or the output's URL";
    InsecureUrl = 5, "PICTORY_ERROR_INSECURE_URL", false,
        "plain http is not secure: use https; for the API alone, http can be allowed in the configuration";
    Certificates = 6, "PICTORY_ERROR_CERTIFICATES", false,
        "no trusted certificate could be read: install ca-certificates, or set a CA file";
    System = 7, "PICTORY_ERROR_SYSTEM", true,
        "the system refused a descriptor, a thread or memory: raise the limit, or do less at once";
    AlreadyWatched = 8, "PICTORY_ERROR_ALREADY_WATCHED", false,
        "this job is watched under this tag already: choose another tag, or wait for its result";
    NotWatched = 9, "PICTORY_ERROR_NOT_WATCHED", false,
        "there is no such watch: check the id and the tag; its result may have been handed out already";
    Resolve = 100, "PICTORY_ERROR_RESOLVE", true,
        "the host name could not be resolved: check the network, the name and the DNS settings";
    Connect = 101, "PICTORY_ERROR_CONNECT", true,
        "nobody answers at that address: check the network, the base URL and the firewall";
    Tls = 102, "PICTORY_ERROR_TLS", false,
        "the TLS handshake or the certificate check failed: check the host name, the clock and the CA file";
    Proxy = 103, "PICTORY_ERROR_PROXY", true,
        "the proxy refused or failed: check its address and credentials";
    Timeout = 104, "PICTORY_ERROR_TIMEOUT", true,
        "one request ran out of its time: try again, or raise the request timeout";
    ConnectionLost = 105, "PICTORY_ERROR_CONNECTION_LOST", true,
        "the connection broke before the reply was whole: try again";
    Unauthorized = 200, "PICTORY_ERROR_UNAUTHORIZED", false,
        "the API key was refused: check PICTORY_API_KEY, and pass it without 'Bearer'";
    Forbidden = 201, "PICTORY_ERROR_FORBIDDEN", false,
        "the edge in front of the API refused the request, which does not prove the key wrong: check the User-Agent and the network you call from";
    JobNotFound = 202, "PICTORY_ERROR_JOB_NOT_FOUND", false,
        "there is no such job: check the id, and that the key belongs to the account that made it";
    RateLimited = 203, "PICTORY_ERROR_RATE_LIMITED", true,
        "too many requests: wait as long as the server asks, and poll less often";
    Server = 204, "PICTORY_ERROR_SERVER", true,
        "the server failed: try again after a brief delay";
    HttpStatus = 205, "PICTORY_ERROR_HTTP_STATUS", false,
        "the server answered with a status that this API does not document: check the base URL";
    Api = 206, "PICTORY_ERROR_API", false,
        "the API reported an error: read its code and text in the message, and check the request that made the job";
    InvalidResponse = 207, "PICTORY_ERROR_INVALID_RESPONSE", false,
        "the reply is not what the API documents: check that the base URL is Pictory's";
    JobFailed = 300, "PICTORY_ERROR_JOB_FAILED", false,
        "the job ended as failed: read its error code and message, and start a new job";
    JobCleaned = 301, "PICTORY_ERROR_JOB_CLEANED", false,
        "the job's outputs were removed after their retention period: start a new job";
    WaitTimeout = 302, "PICTORY_ERROR_WAIT_TIMEOUT", true,
        "time is up, but the job may still be running, and billed: wait again for the same id";
    Cancelled = 303, "PICTORY_ERROR_CANCELLED", true,
        "the call was cancelled, but the job itself goes on: call again for the same id";
    UnexpectedStatus = 304, "PICTORY_ERROR_UNEXPECTED_STATUS", true,
        "the job has a status that this version does not know: update the library, or wait again";
    OutputMissing = 400, "PICTORY_ERROR_OUTPUT_MISSING", false,
        "the job has no such output: check that it has completed, and which outputs it has";
    OutputExpired = 401, "PICTORY_ERROR_OUTPUT_EXPIRED", false,
        "the output is no longer there: get the job again for a new URL, or start a new job";
    File = 402, "PICTORY_ERROR_FILE", false,
        "the file cannot be put there: name a file in a folder that can be written, or wait for another download to it";
    Internal = 900, "PICTORY_ERROR_INTERNAL", false,
        "a defect in this library: please report it with the message";
}

impl Code {
    /// The code with this number, if this version knows it.
    pub fn from_number(number: i32) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| *code as i32 == number)
    }

    /// Whether a failure with this code is transient, so that the request is worth repeating.
    /// `status` is the HTTP status behind it, from the API, or from the proxy for [`Code::Proxy`];
    /// 0 if neither answered.
    pub fn is_transient(self, status: u16) -> bool {
        match self {
            Code::Proxy => !(400..500).contains(&status),
            Code::HttpStatus => matches!(status, 408 | 425),
            other => other.passes(),
        }
    }
}

/// A failure: a code for the program and a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The kind of failure.
    pub code: Code,
    /// One sentence that names the thing and the remedy.
    pub message: String,
    /// The HTTP status behind it, 0 if there was none.
    pub status: u16,
}

impl Error {
    /// An error without an HTTP status.
    pub fn new(code: Code, message: impl Into<String>) -> Error {
        Error { code, message: message.into(), status: 0 }
    }

    /// An argument that cannot be used; `what` is a whole sentence that says why.
    pub fn argument(what: impl Into<String>) -> Error {
        Error::new(Code::InvalidArgument, what)
    }

    /// A resource that the system refused; `doing` completes "could not …".
    pub(crate) fn system(doing: &str, cause: &dyn fmt::Display) -> Error {
        Error::new(Code::System, format!("could not {doing}: {cause}"))
    }

    /// A defect; `what` says where it showed.
    pub(crate) fn internal(what: impl fmt::Display) -> Error {
        Error::new(Code::Internal, format!("a defect in this library ({what}): please report it"))
    }

    /// A panic that was caught.
    pub(crate) fn panicked() -> Error {
        Error::internal("it panicked, and nothing else is harmed")
    }

    /// Sets the HTTP status behind the error.
    pub(crate) fn with_status(mut self, status: u16) -> Error {
        self.status = status;
        self
    }

    /// Whether the failure is transient, so that the request is worth repeating.
    pub fn is_transient(&self) -> bool {
        self.code.is_transient(self.status)
    }

    /// Whether a wait polls on after this failure. In a wait, an invalid response is transient too:
    /// a captive portal may answer in place of the API.
    pub(crate) fn is_transient_in_a_wait(&self) -> bool {
        self.is_transient() || self.code == Code::InvalidResponse
    }
}

/// The result of this crate's fallible functions.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_are_found_again() {
        assert!(Code::ALL.is_sorted_by(|a, b| (*a as i32) < (*b as i32)));
        for code in Code::ALL {
            assert_eq!(Code::from_number(*code as i32), Some(*code));
        }
        assert_eq!(Code::from_number(10), None);
    }

    #[test]
    fn transient_codes_are_those_of_the_contract() {
        let transient = |code: Code, status| code.is_transient(status);
        for code in [
            Code::Resolve,
            Code::Connect,
            Code::Timeout,
            Code::ConnectionLost,
            Code::Proxy,
            Code::System,
            Code::RateLimited,
            Code::Server,
        ] {
            assert!(transient(code, 0), "{code:?}");
        }
        assert!(transient(Code::HttpStatus, 408) && transient(Code::HttpStatus, 425));
        assert!(!transient(Code::HttpStatus, 301) && !transient(Code::HttpStatus, 400));
        assert!(!transient(Code::Proxy, 407) && transient(Code::Proxy, 502));
        for code in [
            Code::AlreadyWatched,
            Code::NotWatched,
            Code::Tls,
            Code::Unauthorized,
            Code::Forbidden,
            Code::JobNotFound,
            Code::Api,
        ] {
            assert!(!transient(code, 0), "{code:?}");
        }
    }

    #[test]
    fn every_description_is_one_plain_sentence() {
        for code in Code::ALL {
            let text = code.description().trim_end_matches('\0');
            assert!(!text.ends_with('.') && !text.contains('\n') && text.len() < 160, "{text}");
        }
    }
}
