//! Dialling: all addresses of the host in a race (happy eyeballs), or a proxy where there is one.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::error::{Error, Result};
use super::request_context::RequestContext;
use super::{resolver, tunnel};
use crate::proxy::Proxy;
use crate::sys::{self, Interest};
use crate::url::Endpoint;

/// How long an address has to itself before the next one joins (RFC 8305, section 5).
const HEAD_START: Duration = Duration::from_millis(250);

/// More addresses than these are not tried: the set to wait on is bounded.
const MOST_ADDRESSES: usize = 16;

/// Connects to `target`, through `proxy` if there is one.
pub(super) async fn connect(
    target: &Endpoint,
    proxy: Option<&Proxy>,
    context: &RequestContext,
) -> Result<TcpStream> {
    let Some(proxy) = proxy else {
        return open(target, context).await;
    };
    let failed = |error: Error| match error {
        Error::Resolve { .. } | Error::Connect { .. } | Error::Lost { .. } => {
            Error::ProxyFailed { proxy: proxy.endpoint.clone(), cause: Box::new(error) }
        }
        _ => error,
    };
    let socket = open(&proxy.endpoint, context).await.map_err(failed)?;
    context.step("waiting for the proxy");
    tunnel::establish(&socket, target, proxy, context).await.map_err(failed)?;
    Ok(socket)
}

async fn open(endpoint: &Endpoint, context: &RequestContext) -> Result<TcpStream> {
    let addresses = resolver::resolve(&endpoint.host, context).await?;
    context.step("connecting");
    let result = race(&in_turn(&addresses), endpoint, context).await;
    if result.is_err() {
        resolver::forget(&endpoint.host);
    }
    result
}

/// The order of the system, but with the two families in turn, so that one which is broken does
/// not hold up the other (RFC 8305, section 4).
fn in_turn(addresses: &[IpAddr]) -> Vec<IpAddr> {
    let first_is_v4 = addresses.first().is_some_and(IpAddr::is_ipv4);
    let (mut first, mut second): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.iter().rev().copied().partition(|address| address.is_ipv4() == first_is_v4);
    let mut ordered = Vec::with_capacity(addresses.len());
    while !(first.is_empty() && second.is_empty()) {
        ordered.extend(first.pop());
        ordered.extend(second.pop());
    }
    ordered.truncate(MOST_ADDRESSES);
    ordered
}

/// Starts with the first address; the next joins when the ones before have failed, or have had
/// their head start.
async fn race(addresses: &[IpAddr], to: &Endpoint, context: &RequestContext) -> Result<TcpStream> {
    let mut waiting = addresses.iter();
    let mut running: Vec<TcpStream> = Vec::new();
    let mut last_failure = io::Error::other("no address");
    loop {
        context.check()?;
        let mut joined = false;
        if let Some(address) = waiting.next() {
            match sys::begin_connect(SocketAddr::new(*address, to.port)) {
                Ok(Ok(socket)) => running.push(socket),
                Ok(Err(cause)) => last_failure = cause,
                Err(cause) => return Err(Error::system("open a socket", &cause)),
            }
            joined = true;
        }
        if running.is_empty() {
            if joined {
                continue;
            }
            // The host had accepted the connection before it reset it.
            return Err(match last_failure.kind() {
                io::ErrorKind::ConnectionReset => Error::lost(last_failure),
                _ => Error::Connect { to: to.clone(), cause: last_failure.to_string() },
            });
        }
        let pause = (waiting.len() > 0).then(|| Instant::now() + HEAD_START);
        if let Some(socket) =
            first_connected(&mut running, pause, &mut last_failure, context).await?
        {
            return Ok(socket);
        }
    }
}

/// Waits for one of them to be decided; those that failed are taken out.
async fn first_connected(
    running: &mut Vec<TcpStream>,
    pause: Option<Instant>,
    last_failure: &mut io::Error,
    context: &RequestContext,
) -> Result<Option<TcpStream>> {
    let set: Vec<Interest> =
        running.iter().map(|s| Interest::Writable(sys::descriptor(s))).collect();
    let ready = context.wait(&set, pause).await?;
    let Some(index) = (0..running.len()).find(|index| ready >> index & 1 == 1) else {
        return Ok(None);
    };
    let socket = running.swap_remove(index);
    match socket.take_error() {
        Ok(None) => return Ok(Some(socket)),
        Ok(Some(cause)) | Err(cause) => *last_failure = cause,
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_take_turns() {
        let addresses = |list: &[&str]| -> Vec<IpAddr> {
            list.iter().map(|address| address.parse().unwrap()).collect()
        };
        assert_eq!(
            in_turn(&addresses(&["::1", "::2", "::3", "1.1.1.1"])),
            addresses(&["::1", "1.1.1.1", "::2", "::3"])
        );
        assert_eq!(in_turn(&addresses(&["1.1.1.1", "::1"])), addresses(&["1.1.1.1", "::1"]));
        assert!(in_turn(&[]).is_empty());
    }
}
