//! One request over a connection that is waited for, timed and cancelled by this library.

mod agent;
mod body;
mod connect;
mod connection;
mod error;
mod exchange;
mod head;
mod incoming;
mod pool;
mod request;
mod request_context;
mod resolver;
mod roots;
mod socket;
mod suspension;
mod tls;
mod tunnel;

pub(crate) use agent::{Http, Transport};
pub(crate) use error::Error;
pub(crate) use incoming::Incoming;
pub(crate) use request::{Template, request_for};
pub(crate) use request_context::RequestContext;
