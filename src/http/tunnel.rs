//! CONNECT (RFC 9110, 9.3.6): asking a proxy for a way through.

use std::net::TcpStream;

use zeroize::Zeroizing;

use super::error::{Error, Result};
use super::request_context::RequestContext;
use super::socket;
use crate::proxy::Proxy;
use crate::url::Endpoint;

/// A proxy's answer is far smaller.
const LARGEST_ANSWER: usize = 16 * 1024;

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
/// speak first, so that nothing may follow the head.
async fn answer(socket: &TcpStream, context: &RequestContext) -> Result<u16> {
    const END: &[u8] = b"\r\n\r\n";
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(END.len()).any(|window| window == END) {
        let count = socket::receive(socket, context, &mut piece, head.is_empty()).await?;
        if count == 0 {
            return Err(Error::lost("it closed the connection"));
        }
        head.extend_from_slice(piece.get(..count).unwrap_or_default());
        if head.len() > LARGEST_ANSWER {
            return Err(Error::ProxyNotHttp);
        }
    }
    let status = status(&head).ok_or(Error::ProxyNotHttp)?;
    // A refusal may have a body; a consent may not.
    if (200..300).contains(&status) && !head.ends_with(END) {
        return Err(Error::ProxyNotHttp);
    }
    Ok(status)
}

fn status(head: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let rest = line.strip_prefix("HTTP/1.")?;
    rest.get(1..)?.strip_prefix(' ')?.get(..3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn the_status_line_is_read() {
        assert_eq!(status(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(200));
        assert_eq!(status(b"HTTP/1.0 407\r\n\r\n"), Some(407));
        for garbage in
            [&b"SSH-2.0-x\r\n\r\n"[..], b"HTTP/2 200\r\n", b"HTTP/1.1 2\r\n", b"\xff", b""]
        {
            assert_eq!(status(garbage), None);
        }
    }

    #[test]
    fn nothing_may_follow_a_consent() {
        for (said, is_sound) in [
            ("HTTP/1.1 200 OK\r\nVia: x\r\n\r\n", true),
            ("HTTP/1.1 200 OK\r\n\r\nmore", false),
            ("HTTP/1.1 403 No\r\n\r\n<html>", true),
        ] {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            listener.accept().unwrap().0.write_all(said.as_bytes()).unwrap();
            let second = std::time::Duration::from_secs(60);
            let context = RequestContext::new(std::time::Instant::now() + second, second, None);
            assert_eq!(
                context.block_on(answer(&socket, &context)).unwrap().is_ok(),
                is_sound,
                "{said}"
            );
        }
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
