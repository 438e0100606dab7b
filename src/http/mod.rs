//! One request over a connection that is waited for, timed and cancelled by this library.

mod agent;
mod body;
mod call;
mod connect;
mod exchange;
mod head;
mod incoming;
mod pool;
mod request;
mod resolver;
mod roots;
mod tls;
mod tunnel;
mod wire;

pub(crate) use agent::{Http, Settings};
pub(crate) use call::Call;
pub(crate) use incoming::Incoming;
pub(crate) use request::{Template, request_for};
