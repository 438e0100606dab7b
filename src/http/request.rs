//! A request as it goes out, which is always a GET.

use std::fmt;

use http::uri::{Authority, Scheme};
use http::{HeaderMap, Uri};
use zeroize::Zeroizing;

/// The bytes of a request or of a part of it, which may hold secrets: of their final size from the
/// beginning, so that no copy is left behind by growing.
pub(crate) type Request = Zeroizing<Vec<u8>>;

fn concat(pieces: &[&[u8]]) -> Request {
    let mut bytes = Vec::with_capacity(pieces.iter().map(|piece| piece.len()).sum());
    pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
    Zeroizing::new(bytes)
}

/// A request for `uri`.
pub(crate) fn request_for(uri: &Uri, headers: &HeaderMap) -> Request {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    // A request asks for a path, also where a URL has none before its query (RFC 9112, 3.2.1).
    let slash = if path.starts_with('/') { "" } else { "/" };
    let rest = uri.authority().map(|host| rest(uri.scheme(), host, headers)).unwrap_or_default();
    concat(&[b"GET ", slash.as_bytes(), path.as_bytes(), &rest, b"\r\n"])
}

/// All but the last line of what stands behind a request's path.
fn rest(scheme: Option<&Scheme>, authority: &Authority, headers: &HeaderMap) -> Request {
    let default_port = if scheme == Some(&Scheme::HTTPS) { ":443" } else { ":80" };
    let host = authority.as_str();
    let host = host.strip_suffix(default_port).unwrap_or(host);
    let start: [&[u8]; 3] = [b" HTTP/1.1\r\nhost: ", host.as_bytes(), b"\r\n"];
    let lines = headers
        .iter()
        .flat_map(|(name, value)| [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"]);
    concat(&start.into_iter().chain(lines).collect::<Vec<_>>())
}

/// Requests that differ in the end of their path and in the key alone.
pub(crate) struct Template {
    start: Vec<u8>,
    rest: Request,
}

impl Template {
    /// For what lies below `path`.
    pub(crate) fn new(
        scheme: &Scheme,
        authority: &Authority,
        path: &str,
        headers: &HeaderMap,
    ) -> Template {
        let start = ["GET ", path].concat().into_bytes();
        Template { start, rest: rest(Some(scheme), authority, headers) }
    }

    pub(crate) fn fill(&self, name: &str, key: &[u8]) -> Request {
        concat(&[&self.start, name.as_bytes(), &self.rest, b"authorization: ", key, b"\r\n\r\n"])
    }
}

/// Without the values of the headers.
impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_host_and_a_port_that_is_not_the_usual_one() {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::ACCEPT, http::HeaderValue::from_static("*/*"));
        for (uri, line, host) in [
            ("https://a.example/x/y?z=1", "/x/y?z=1", "a.example"),
            ("https://a.example:443/", "/", "a.example"),
            ("https://a.example?x=/y", "/?x=/y", "a.example"),
            ("http://a.example:443/", "/", "a.example:443"),
            ("http://[::1]:80/", "/", "[::1]"),
        ] {
            let uri = uri.parse().unwrap();
            let request = request_for(&uri, &headers);
            let wanted = format!("GET {line} HTTP/1.1\r\nhost: {host}\r\naccept: */*\r\n\r\n");
            assert_eq!(std::str::from_utf8(&request).unwrap(), wanted);
            assert_eq!(request.capacity(), request.len());
        }
    }

    #[test]
    fn a_template_is_filled_with_an_id_and_the_key() {
        let host = Authority::from_static("a.example:443");
        let template = Template::new(&Scheme::HTTPS, &host, "/v1/jobs/", &HeaderMap::new());
        let wanted = "GET /v1/jobs/7 HTTP/1.1\r\nhost: a.example\r\nauthorization: k\r\n\r\n";
        assert_eq!(std::str::from_utf8(&template.fill("7", b"k")).unwrap(), wanted);
    }
}
