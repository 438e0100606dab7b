//! CONNECT (RFC 9110, 9.3.6): asking a proxy for a way through.

use std::net::TcpStream;

use zeroize::Zeroizing;

use super::error::{Error, Result};
use super::framing::HeadReader;
use super::read_buffer::ReadBuffer;
use super::request_context::RequestContext;
use super::socket;
use crate::proxy::Proxy;
use crate::url::Endpoint;

/// The size that a proxy's answer commonly has at most.
const USUAL_ANSWER: usize = 1024;

/// Asks for a way to `target`. Once this has returned, the socket speaks with the target.
pub(super) async fn establish(
    socket: &TcpStream,
    target: &Endpoint,
    proxy: &Proxy,
    context: &RequestContext,
) -> Result<()> {
    socket::send(socket, context, &request(target, proxy)).await?;
    let status = answer(socket, context).await?;
    if (200..300).contains(&status) {
        return Ok(());
    }
    Err(Error::ProxyRefused { proxy: proxy.endpoint.clone(), status })
}

fn request(target: &Endpoint, proxy: &Proxy) -> Zeroizing<Vec<u8>> {
    let host = match target.host.contains(':') {
        true => format!("[{}]", target.host),
        false => target.host.clone(),
    };
    let to = format!("{host}:{}", target.port);
    // Of its final size, so that no copy of the credentials is left behind by growing.
    let mut request = Zeroizing::new(Vec::with_capacity(16 * 1024));
    request.extend_from_slice(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n").as_bytes());
    if let Some(value) = &proxy.authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(value.bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// The status of the proxy's answer, whose head is read whole. Neither TLS nor HTTP has the server
/// speak first, so that nothing may follow the head of a consent.
async fn answer(socket: &TcpStream, context: &RequestContext) -> Result<u16> {
    let no_http = |_| Error::ProxyNotHttp;
    let mut input = ReadBuffer::new(Vec::new());
    let mut reader = HeadReader::new()?;
    let mut has_come = false;
    while !reader.read(&mut input, context).map_err(no_http)? {
        let free = input.free(USUAL_ANSWER + input.filled().len())?;
        let count = socket::receive(socket, context, free, !has_come).await?;
        if count == 0 {
            return Err(Error::lost("it closed the connection"));
        }
        has_come = true;
        input.add(count);
    }
    let (head, _) = reader.finish().map_err(no_http)?;
    // A refusal may have a body; a consent may not.
    if (200..300).contains(&head.status) && !input.filled().is_empty() {
        return Err(Error::ProxyNotHttp);
    }
    Ok(head.status)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn answered(said: &[u8]) -> Result<u16> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.accept().unwrap().0.write_all(said).unwrap();
        let minute = std::time::Duration::from_secs(60);
        let context = RequestContext::new(std::time::Instant::now() + minute, minute, None);
        context.block_on(None, answer(&socket, &context)).unwrap()
    }

    #[test]
    fn the_status_is_read_as_that_of_any_reply() {
        for (said, status) in [
            (&b"HTTP/1.1 200 Connection established\r\n\r\n"[..], 200),
            (b"HTTP/1.0 407\r\n\r\n", 407),
            (b"HTTP/1.0 200 OK\nProxy-Agent: x\n\n", 200),
            (b"HTTP/1.1 103 x\r\nLink: y\r\n\r\nHTTP/1.1 204 x\r\nContent-Length: 7\r\n\r\n", 204),
        ] {
            assert_eq!(answered(said), Ok(status));
        }
        for garbage in
            [&b"SSH-2.0-x\r\n\r\n"[..], b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 2\r\n\r\n", b"\xff"]
        {
            assert_eq!(answered(garbage), Err(Error::ProxyNotHttp));
        }
        assert!(matches!(answered(b"HTTP/1.1 200 x\r\n"), Err(Error::Lost { .. })));
    }

    #[test]
    fn nothing_may_follow_a_consent() {
        assert_eq!(answered(b"HTTP/1.1 200 OK\r\nVia: x\r\n\r\n"), Ok(200));
        assert_eq!(answered(b"HTTP/1.1 200 OK\r\n\r\nmore"), Err(Error::ProxyNotHttp));
        assert_eq!(answered(b"HTTP/1.1 403 No\r\n\r\n<html>"), Ok(403));
    }

    #[test]
    fn an_ipv6_target_is_bracketed_and_credentials_are_sent() {
        let proxy = Proxy::parse("http://u:p@proxy.example:3128").unwrap();
        let target = Endpoint { host: "::1".into(), port: 443 };
        let request = request(&target, &proxy);
        let text = std::str::from_utf8(&request).unwrap();
        assert!(text.starts_with("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n"));
        assert!(text.ends_with("Proxy-Authorization: Basic dTpw\r\n\r\n"));
    }
}
