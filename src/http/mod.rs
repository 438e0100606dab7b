//! One request over a connection that is waited for, timed and cancelled by this library.

mod agent;
mod call;
mod connect;
mod exchange;
mod incoming;
mod pool;
mod resolver;
mod tls;
mod tunnel;
mod wire;

pub(crate) use agent::{Http, Settings};
pub(crate) use call::Call;
pub(crate) use incoming::Incoming;
