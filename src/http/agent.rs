//! One GET: ureq with this library's connections.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use once_cell::race::OnceBox;
use rustls::{ClientConfig, RootCertStore};
use ureq::http::uri::Scheme;
use ureq::http::{HeaderMap, Request, Response, Uri};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout};
use ureq::{Agent, Body};

use super::call::{Call, lost};
use super::incoming::Incoming;
use super::wire::{BUFFER, Wire};
use super::{connect, tls};
use crate::config::ProxyRule;
use crate::error::{Code, Error, Result};
use crate::reply::Reply;
use crate::response::{LARGEST_BODY, not_the_api};
use crate::url::{Endpoint, Proxy, is_exempt};

/// Kept connections outlive the gaps between polls by far, but not the 350 s after which network
/// address translation commonly forgets them without a word.
const IDLE_AT_MOST: Duration = Duration::from_secs(300);

/// As many as a watcher has threads.
const IDLE_CONNECTIONS: usize = 256;

/// What the connections of a client have in common.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) proxy: ProxyRule,
    pub(crate) roots: Option<Arc<RootCertStore>>,
}

/// A pool of connections.
#[derive(Debug)]
pub(crate) struct Http(Agent);

impl Http {
    pub(crate) fn new(settings: Settings) -> Http {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .accept_encoding("")
            .input_buffer_size(BUFFER)
            .output_buffer_size(BUFFER)
            .max_response_header_size(BUFFER)
            .max_idle_age(IDLE_AT_MOST)
            .max_idle_connections(IDLE_CONNECTIONS)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .build();
        let dial = Dial { settings, tls: OnceBox::new() };
        Http(Agent::with_parts(config, dial, NoResolver))
    }

    /// Makes ureq initialise what it initialises at its first request. A child that is forked
    /// later must not find that half done by another thread.
    pub(crate) fn warm_up(&self) {
        // No call is under way, so that this ends where a connection would be made.
        let mut request = Request::new(());
        *request.uri_mut() = Uri::from_static("http://localhost/");
        let _ = self.0.run(request);
    }

    /// Gets `uri`, and the whole reply.
    pub(crate) fn get(&self, uri: &Uri, headers: &HeaderMap, call: Call) -> Result<Reply> {
        self.stream(uri, headers, call, |incoming| incoming.into_reply(LARGEST_BODY))
    }

    /// Gets `uri`; `take` reads the reply as it comes. A kept connection that the server has closed
    /// meanwhile costs one silent retry.
    pub(crate) fn stream<T>(
        &self,
        uri: &Uri,
        headers: &HeaderMap,
        call: Call,
        take: impl FnOnce(Incoming<'_>) -> Result<T>,
    ) -> Result<T> {
        let call = Rc::new(call);
        call.run(|| {
            let response = match self.send(uri, headers, &call) {
                Err(error) if call.may_start_afresh(&error) => self.send(uri, headers, &call),
                result => result,
            };
            take(Incoming::new(response?, &call))
        })
    }

    fn send(&self, uri: &Uri, headers: &HeaderMap, call: &Call) -> Result<Response<Body>> {
        call.check()?;
        let mut request = Request::new(());
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers.clone();
        self.0.run(request).map_err(|cause| reason(&cause, call))
    }
}

/// Why ureq gave up: the connection knows, where it was the one that failed.
pub(super) fn reason(cause: &ureq::Error, call: &Call) -> Error {
    call.take_failure().unwrap_or_else(|| classify(cause))
}

/// Failures that the connection has not classified already.
fn classify(cause: &ureq::Error) -> Error {
    match cause {
        ureq::Error::Io(cause) => match cause.get_ref().and_then(|e| e.downcast_ref()) {
            Some(inner) => classify(inner),
            None => lost(cause),
        },
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            not_the_api(format_args!("the reply is not HTTP/1.1 ({cause})"))
        }
        ureq::Error::BodyStalled => lost(cause),
        other => Error::new(Code::Internal, format!("the request could not be made: {other}")),
    }
}

/// Answers with nothing: a name is looked up only when a connection is really made.
#[derive(Debug)]
struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(
        &self,
        _: &Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Makes connections.
#[derive(Debug)]
struct Dial {
    settings: Settings,
    tls: OnceBox<Arc<ClientConfig>>,
}

impl Dial {
    fn dial(&self, uri: &Uri, call: &Call) -> Result<Wire> {
        let missing = || Error::new(Code::Internal, "a request without a host");
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        let authority = uri.authority().ok_or_else(missing)?;
        let endpoint = Endpoint::of(authority, if is_https { 443 } else { 80 });
        call.begin_connecting();
        let socket = connect::connect(&endpoint, self.settings.proxy.of(&endpoint), call)?;
        let session = match is_https {
            true => Some(tls::handshake(self.tls()?, &endpoint.host, &socket, call)?),
            false => None,
        };
        call.end_connecting();
        Ok(Wire::new(socket, session))
    }

    fn tls(&self) -> Result<Arc<ClientConfig>> {
        let roots = self.settings.roots.as_ref();
        self.tls.get_or_try_init(|| tls::client_config(roots).map(Box::new)).map(Arc::clone)
    }
}

impl ProxyRule {
    fn of(&self, endpoint: &Endpoint) -> Option<&Proxy> {
        match self {
            ProxyRule::Given(proxy) => proxy.as_ref(),
            ProxyRule::FromEnvironment { proxy, no_proxy } => {
                let exempt = endpoint.is_loopback() || is_exempt(no_proxy, endpoint);
                (!exempt).then_some(proxy)
            }
        }
    }
}

impl Connector<()> for Dial {
    type Out = Wire;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> std::result::Result<Option<Wire>, ureq::Error> {
        let call = Call::current()?;
        self.dial(details.uri, &call).map(Some).map_err(|error| call.fail(error))
    }
}
