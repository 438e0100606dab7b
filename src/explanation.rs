//! Explanations of failures on the wire, for a person: the code, the thing and the remedy, said once
//! for the API's server and for the hosts of outputs.

use std::fmt::Display;

use crate::error::{Code, Error};
use crate::http::{Error as Failure, WAITING_FOR_THE_REPLY};
use crate::response::not_the_api;
use crate::url::Endpoint;

/// The peer that a request was made to.
#[derive(Clone, Copy)]
pub(crate) enum Peer<'a> {
    Api,
    /// The host of an output, by the URL to show.
    Output(&'a dyn Display),
}

impl Peer<'_> {
    /// The error of a failed request to this peer.
    pub(crate) fn explain(self, failure: Failure) -> Error {
        match failure {
            Failure::NotHttp { flaw } => {
                self.is_another(format!("the reply is not HTTP/1.1 ({flaw})"))
            }
            Failure::HeadTooLarge { limit } => {
                self.is_another(format!("the reply's head is over {limit} bytes"))
            }
            Failure::ProxyFailed { proxy: Endpoint { host, port }, cause } => {
                let cause = self.explain(*cause);
                Error::new(Code::Proxy, format!("the proxy {host}:{port} failed: {cause}"))
            }
            Failure::ProxyRefused { proxy, status } => refused_by_proxy(&proxy, status),
            Failure::NoRoots { cause } => Error::new(
                Code::Certificates,
                format!(
                    "the system has no trusted certificates: install ca-certificates, or set a CA \
                     file ({cause})"
                ),
            ),
            Failure::BadRoots { variable, flaw } => Error::new(
                Code::Certificates,
                format!("{variable} names {flaw}: correct the variable, or unset it"),
            ),
            other => explain_connection(self, other),
        }
    }

    /// The time-outs that end a step.
    fn limits(self, step: &str) -> &'static str {
        match (self, step) {
            (Peer::Api, WAITING_FOR_THE_REPLY) => "the request timeout",
            (Peer::Api, _) => "the connect timeout or the request timeout",
            (Peer::Output(_), WAITING_FOR_THE_REPLY) => "the timeout of the download",
            (Peer::Output(_), _) => "the connect timeout",
        }
    }

    /// The error of a reply that something else than this peer has sent.
    fn is_another(self, what: String) -> Error {
        match self {
            Peer::Api => not_the_api(what),
            Peer::Output(location) => Error::new(
                Code::InvalidResponse,
                format!("what answers at {location} does not speak HTTP/1.1: get the job again"),
            ),
        }
    }
}

fn explain_connection(peer: Peer<'_>, failure: Failure) -> Error {
    let (code, message) = match failure {
        Failure::Cancelled => return crate::cancel::cancelled(),
        Failure::Resolve { host, cause } => (
            Code::Resolve,
            format!(
                "the host name {host} could not be resolved ({cause}): check the network and the \
                 name"
            ),
        ),
        Failure::Connect { to: Endpoint { host, port }, cause } => (
            Code::Connect,
            format!("nobody answers at {host}:{port} ({cause}): check the network and the URL"),
        ),
        Failure::Tls { host, cause } => (Code::Tls, format!("TLS with {host} failed: {cause}")),
        Failure::BadProxy { why } => (Code::InvalidUrl, why),
        Failure::TimedOut { after_ms, step } => (
            Code::Timeout,
            format!(
                "time ran out after {after_ms} ms while {step}: try again, or raise {}",
                peer.limits(step)
            ),
        ),
        Failure::Idle { after_ms, step } => (
            Code::Timeout,
            format!(
                "nothing came for {after_ms} ms while {step}: try again, or raise the idle time-out"
            ),
        ),
        Failure::Lost { how } => (
            Code::ConnectionLost,
            format!("the connection broke before the reply was whole ({how}): try again"),
        ),
        Failure::System { doing, cause } => return Error::system(doing, &cause),
        Failure::ProxyNotHttp => {
            (Code::Proxy, "the proxy's answer is not HTTP: check its address".to_owned())
        }
        other => return Error::internal(format_args!("{other:?}")),
    };
    Error::new(code, message)
}

fn refused_by_proxy(proxy: &Endpoint, status: u16) -> Error {
    let remedy = match status {
        407 => "it wants a user name and a password, or others: give them in the proxy's URL",
        400..=499 => "it does not allow this target",
        _ => "try again later",
    };
    let Endpoint { host, port } = proxy;
    Error::new(
        Code::Proxy,
        format!("the proxy {host}:{port} refused to connect (HTTP {status}): {remedy}"),
    )
    .with_status(status)
}
