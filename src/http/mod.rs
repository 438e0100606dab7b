//! A client of HTTP/1.1 over connections that it waits for, times and cancels itself; it knows nothing
//! of the API.
//!
//! The room: a request is a future. [`Http::get`](agent::Http::get) takes an idle connection out of the
//! [`Pool`](pool::Pool) or dials a new one: [`resolver`] (a thread for each name, joined by all that wait
//! for it), [`connect`] (happy eyeballs), [`tunnel`] (CONNECT), [`tls`]. An
//! [`Exchange`](exchange::Exchange) owns the connection while the request goes out and the reply comes
//! in; [`Incoming`] hands the reply out, and gives the connection back to the pool if it is keep-alive
//! and the reply was whole.
//!
//! Each step of the future looks at its [`RequestContext`]: deadline, time-outs, cancel token. Where it
//! has to wait, it is suspended ([`suspension`]), and its driver waits for it: the calling thread, or a
//! watcher's for many. Dropping the future closes what it had opened. One lock protects the pool, one
//! the lookups under way; neither is held while anything is waited for.

mod agent;
mod connect;
mod connection;
mod error;
mod exchange;
mod fields;
mod framing;
mod incoming;
mod pool;
mod read_buffer;
mod request;
mod request_context;
mod resolver;
mod roots;
mod socket;
mod suspension;
mod tls;
mod tls_failure;
mod tunnel;

pub(crate) use agent::{Http, Transport};
pub(crate) use error::Error;
pub(crate) use incoming::Incoming;
pub(crate) use request::{Template, request_for};
pub(crate) use request_context::{RequestContext, WAITING_FOR_THE_REPLY};
