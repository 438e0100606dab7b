//! A request's head.

use std::time::Instant;

/// A head longer than this is refused.
pub const LONGEST_HEAD: usize = 256 * 1024;

/// A request whose head arrived whole.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// As on the wire, the query with it.
    pub path: String,
    /// Names and values in the order they came.
    pub headers: Vec<(String, String)>,
    /// The number of the connection it came on, from 0.
    pub connection: usize,
    /// When the head was whole.
    pub at: Instant,
    /// The last part of a path that asks for a job.
    pub job_id: Option<String>,
    old: bool,
}

impl Request {
    /// Reads a head that ends with an empty line; none if it is not a request's.
    pub fn parse(head: &[u8], connection: usize) -> Option<Request> {
        let text = String::from_utf8_lossy(head);
        let mut lines = text.trim_end_matches("\r\n").split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, path, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || method.is_empty() || !version.starts_with("HTTP/1.") {
            return None;
        }
        let read_header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_string(), value.trim().to_string()))
        };
        Some(Request {
            method: method.to_string(),
            path: path.to_string(),
            headers: lines.map(read_header).collect::<Option<_>>()?,
            connection,
            at: Instant::now(),
            job_id: last_part(path, "/v1/jobs/").map(str::to_string),
            old: version == "HTTP/1.0",
        })
    }

    /// The first header of that name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The name in a path that asks for a medium.
    pub fn media_name(&self) -> Option<&str> {
        last_part(&self.path, "/media/")
    }

    /// Whether the connection ends with the reply. It does after a request with a body too, since
    /// nothing here reads one.
    pub fn closes(&self) -> bool {
        let asked = self.header("Connection").unwrap_or_default();
        self.old
            || asked.split(',').any(|word| word.trim().eq_ignore_ascii_case("close"))
            || self.header("Content-Length").is_some_and(|length| length != "0")
            || self.header("Transfer-Encoding").is_some()
    }
}

/// The first header of that name, in whatever case.
pub fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

/// The part that follows `folder` in a path, up to the query, when it is one part and not empty.
fn last_part<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let (_, name) = path.rsplit_once(folder)?;
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// The page's rule for keys: they are sent as they are. Any will do unless the script names one.
pub fn authorized(request: &Request, key: Option<&str>) -> bool {
    match (request.header("Authorization"), key) {
        (Some(value), Some(key)) => value == key,
        (Some(value), None) => !value.is_empty() && !value.starts_with("Bearer "),
        (None, _) => false,
    }
}
