//! The failures of a request: what broke on the wire, and where. What that means to a person, the
//! caller says.

use std::collections::TryReserveError;
use std::io;

use crate::url::Endpoint;

/// A failed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Error {
    /// The caller's token was cancelled.
    Cancelled,
    /// The resolver knows no address of the host.
    Resolve { host: String, cause: String },
    /// None of the host's addresses accepts a connection.
    Connect { to: Endpoint, cause: String },
    /// The TLS handshake failed, or the server's certificate is not trusted.
    Tls { host: String, cause: String },
    /// The system has no certificates to trust.
    NoRoots { cause: String },
    /// The environment names a proxy that cannot be used: `why` is a whole sentence.
    BadProxy { why: String },
    /// The proxy cannot be reached, or the connection to it broke.
    ProxyFailed { proxy: Endpoint, cause: Box<Error> },
    /// A variable of the environment names certificates that cannot be had: `flaw` names them, and what
    /// is wrong with them.
    BadRoots { variable: String, flaw: String },
    /// The proxy answered CONNECT with this status.
    ProxyRefused { proxy: Endpoint, status: u16 },
    /// The proxy's answer to CONNECT is not HTTP/1.1.
    ProxyNotHttp,
    /// Time ran out during this step.
    TimedOut { after_ms: u128, step: &'static str },
    /// The server was silent for this long during this step.
    Idle { after_ms: u128, step: &'static str },
    /// The connection broke.
    Lost { how: String },
    /// The reply is not HTTP/1.1: this is wrong with it.
    NotHttp { flaw: String },
    /// The reply's head is larger than this many bytes.
    HeadTooLarge { limit: usize },
    /// The system refused a resource; `doing` completes "could not ...".
    System { doing: &'static str, cause: String },
    /// A defect in this library.
    Internal { what: String },
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether the path to the host may be gone, as where address translation has forgotten it: then
    /// its other idle connections are as dead as this one.
    pub(super) fn may_be_the_path(&self) -> bool {
        matches!(self, Error::Lost { .. } | Error::TimedOut { .. } | Error::Idle { .. })
    }

    /// The error of a connection that broke.
    pub(super) fn lost(how: impl ToString) -> Error {
        Error::Lost { how: how.to_string() }
    }

    /// The error of bytes that are not HTTP/1.1.
    pub(super) fn not_http(flaw: impl ToString) -> Error {
        Error::NotHttp { flaw: flaw.to_string() }
    }

    /// The error of memory that is not to be had, for what a peer makes large.
    pub(super) fn no_memory(cause: TryReserveError) -> Error {
        Error::System { doing: "hold the reply", cause: cause.to_string() }
    }

    /// The error of a resource that the system refused.
    pub(super) fn system(doing: &'static str, cause: &io::Error) -> Error {
        Error::System { doing, cause: cause.to_string() }
    }
}
