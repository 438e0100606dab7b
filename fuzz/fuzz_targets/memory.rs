//! ureq over a connection that is no more than a reply in memory.

use std::net::SocketAddr;
use std::sync::{LazyLock, Mutex, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

/// The reply that the next connection has.
static REPLY: Mutex<Vec<u8>> = Mutex::new(Vec::new());

#[derive(Debug)]
struct Memory;

#[derive(Debug)]
struct Connection {
    buffers: LazyBuffers,
    reply: Vec<u8>,
    at: usize,
}

impl Connector for Memory {
    type Out = Connection;

    fn connect(&self, _: &ConnectionDetails, _: Option<()>) -> Result<Option<Connection>, Error> {
        let reply = REPLY.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let buffers = LazyBuffers::new(128 * 1024, 128 * 1024);
        Ok(Some(Connection { buffers, reply, at: 0 }))
    }
}

impl Transport for Connection {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), Error> {
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, Error> {
        let room = self.buffers.input_append_buf();
        let left = &self.reply[self.at..];
        let count = left.len().min(room.len());
        room[..count].copy_from_slice(&left[..count]);
        self.at += count;
        self.buffers.input_appended(count);
        Ok(count > 0)
    }

    fn is_open(&mut self) -> bool {
        false
    }
}

#[derive(Debug)]
struct Nowhere;

impl Resolver for Nowhere {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(SocketAddr::from(([127, 0, 0, 1], 80)));
        Ok(addresses)
    }
}

/// The status that ureq reads, and the body if it is whole; `None` if it refuses the reply.
pub fn by_ureq(reply: &[u8]) -> Option<(u16, Option<Vec<u8>>)> {
    static AGENT: LazyLock<ureq::Agent> = LazyLock::new(|| {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .build();
        ureq::Agent::with_parts(config, Memory, Nowhere)
    });
    reply.clone_into(&mut REPLY.lock().unwrap_or_else(PoisonError::into_inner));
    let mut reply = AGENT.get("http://localhost/").call().ok()?;
    let status = reply.status().as_u16();
    Some((status, reply.body_mut().with_config().limit(1 << 21).read_to_vec().ok()))
}
