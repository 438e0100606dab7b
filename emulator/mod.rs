//! A stand-in for the Pictory API: it answers polls as a script says, and breaks them as networks
//! do. `README.md` describes the script.
//!
//! Tests use it as a module, people as a program (`cargo run --example emulator`).

// Each of the two users needs only a part of this, and is a crate of its own with it.
#![allow(dead_code, unused_imports, unreachable_pub)]
// A stand-in that cannot do its work has to end the test that relies on it.
#![allow(clippy::expect_used, clippy::panic)]

pub mod acceptor;
pub mod certs;
pub mod connection;
pub mod history;
pub mod log;
pub mod media;
pub mod page;
pub mod proxy;
pub mod reply;
pub mod request;
pub mod script;
pub mod server;
pub mod stage;
pub mod step;
pub mod stream;
pub mod sys;

pub use certs::Cert;
pub use media::media_bytes;
pub use page::Example;
pub use proxy::{Proxy, ProxyFault, ProxyRequest, ProxyScript};
pub use request::Request;
pub use script::Script;
pub use server::Emulator;
