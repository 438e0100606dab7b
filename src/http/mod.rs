//! One request over a connection that is waited for, timed and cancelled by this library.

mod agent;
mod body;
mod connect;
mod connection;
mod exchange;
mod head;
mod incoming;
mod pool;
mod request;
mod request_context;
mod resolver;
mod roots;
mod tls;
mod tunnel;

pub(crate) use agent::{Http, Settings};
pub(crate) use incoming::Incoming;
pub(crate) use request::{Template, request_for};
pub(crate) use request_context::RequestContext;
