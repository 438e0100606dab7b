//! The configuration: what a user sets, with its checks and defaults.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, header};
use rustls::RootCertStore;

use crate::error::{Code, Error, Result};
use crate::log::{Level, Log, Sink};
use crate::pem;
use crate::proxy::{Proxy, ProxyRule};
use crate::redaction::redact;
use crate::secret::Secret;
use crate::text::{Text, quote};
use crate::url::BaseUrl;

/// Ten years: longer is as good as for ever, and still far from where a clock overflows.
pub(crate) const LONGEST_TIME: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// More fits neither into a request nor into most servers.
const LONGEST_HEADER: usize = 8192;

const DEFAULT_BASE_URL: &str = "https://api.pictory.ai/pictoryapis";

/// The settings of a client. A refused value leaves the old one.
#[derive(Clone)]
pub struct Config {
    /// An error here came from the environment, and is the client's to report.
    pub(crate) api_key: Result<Secret>,
    pub(crate) base_url: Result<BaseUrl>,
    pub(crate) proxy: ProxyRule,
    pub(crate) allow_http: bool,
    /// The User-Agent and the extra headers.
    pub(crate) headers: HeaderMap,
    /// The values of the extra headers once more, to be kept out of messages.
    pub(crate) header_secrets: Vec<(HeaderName, Secret)>,
    pub(crate) roots: Option<Arc<RootCertStore>>,
    pub(crate) connect_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) max_retries: u32,
    /// The least time between two requests.
    pub(crate) pace: Duration,
    pub(crate) log: Log,
}

impl Default for Config {
    fn default() -> Config {
        Config::new()
    }
}

impl Config {
    /// The defaults, without a key and without a look at the environment.
    pub fn new() -> Config {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, default_user_agent());
        Config {
            api_key: Err(Error::new(
                Code::InvalidApiKey,
                "there is no API key: set PICTORY_API_KEY, or give this configuration one",
            )),
            base_url: BaseUrl::parse(DEFAULT_BASE_URL),
            proxy: ProxyRule::Given(None),
            allow_http: false,
            headers,
            header_secrets: Vec::new(),
            roots: None,
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            max_retries: 2,
            pace: Duration::ZERO,
            log: Log::new(Level::Off, None),
        }
    }

    /// The key, as Pictory gave it out: without a scheme before it.
    pub fn set_api_key(&mut self, key: &str) -> Result<()> {
        self.api_key = Ok(api_key(key)?);
        Ok(())
    }

    /// Where the API is. Plain http is judged when the client is made.
    pub fn set_base_url(&mut self, url: &str) -> Result<()> {
        self.base_url = Ok(BaseUrl::parse(url)?);
        Ok(())
    }

    /// Whether plain http is accepted for hosts other than loopback.
    pub fn set_allow_http(&mut self, allow: bool) {
        self.allow_http = allow;
    }

    /// How this program calls itself; `None`: the library's name.
    pub fn set_user_agent(&mut self, user_agent: Option<&str>) -> Result<()> {
        let value = match user_agent {
            Some(text) => header_value("the User-Agent", text)?.header_value(),
            None => Some(default_user_agent()),
        };
        value.map(|value| self.headers.insert(USER_AGENT, value));
        Ok(())
    }

    /// An extra header; the same name again replaces it, `None` removes it.
    pub fn set_header(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        let name = header_name(name)?;
        let secret = match value {
            Some(text) => Some(header_value(&format!("the value of the header {name}"), text)?),
            None => None,
        };
        self.header_secrets.retain(|(known, _)| *known != name);
        self.headers.remove(&name);
        if let Some(secret) = secret {
            secret.header_value().map(|value| self.headers.insert(name.clone(), value));
            self.header_secrets.push((name, secret));
        }
        Ok(())
    }

    /// The proxy for every request; `None`: none, whatever the environment says.
    pub fn set_proxy(&mut self, url: Option<&str>) -> Result<()> {
        let proxy = url.filter(|url| !url.is_empty()).map(Proxy::parse).transpose()?;
        self.proxy = ProxyRule::Given(proxy);
        Ok(())
    }

    /// The certificates to trust, instead of the system's; `None`: the system's again.
    pub fn set_ca_file(&mut self, path: Option<&Path>) -> Result<()> {
        self.roots = path.map(read_ca_file).transpose()?.map(Arc::new);
        Ok(())
    }

    /// How long a connection may take to be made.
    pub fn set_connect_timeout_ms(&mut self, ms: i64) -> Result<()> {
        self.connect_timeout = milliseconds("the connect timeout", ms)?;
        Ok(())
    }

    /// How long one request may take, from the name's lookup to the last byte.
    pub fn set_request_timeout_ms(&mut self, ms: i64) -> Result<()> {
        self.request_timeout = milliseconds("the request timeout", ms)?;
        Ok(())
    }

    /// How often one get is tried again.
    pub fn set_max_retries(&mut self, retries: u32) {
        self.max_retries = retries;
    }

    /// How many requests all calls of a client make in a second; 0: as many as they like.
    pub fn set_rate_limit(&mut self, requests_per_second: f64) -> Result<()> {
        if !requests_per_second.is_finite() || requests_per_second < 0.0 {
            return Err(Error::argument(
                "the rate limit must be 0, for none, or a number of requests per second above it",
            ));
        }
        let pace = 1.0 / requests_per_second;
        self.pace = match requests_per_second {
            0.0 => Duration::ZERO,
            _ => Duration::try_from_secs_f64(pace)
                .map_or(LONGEST_TIME, |pace| pace.min(LONGEST_TIME)),
        };
        Ok(())
    }

    /// Where lines about the work go, and from which level on.
    pub fn set_log(&mut self, level: Level, sink: Option<Sink>) {
        self.log = Log::new(level, sink);
    }
}

impl Config {
    /// The words for a setter's error, as they may be shown.
    pub fn refusal(&self, error: &Error) -> Text {
        Text::new(&self.redact(&error.message))
    }

    /// Takes what is secret out of words about this configuration.
    pub(crate) fn redact(&self, text: &str) -> String {
        let key = self.api_key.as_ref().into_iter();
        let headers = self.header_secrets.iter().map(|(_, secret)| secret);
        redact(text, key.chain(headers).chain(self.proxy.secrets()))
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.base_url.as_ref().map_or("", |url| url.authority.as_str());
        write!(f, "Config({})", self.redact(host))
    }
}

fn default_user_agent() -> HeaderValue {
    HeaderValue::from_static(concat!("pictory-c/", env!("CARGO_PKG_VERSION")))
}

/// Checks a key. The message never quotes it.
pub(crate) fn api_key(key: &str) -> Result<Secret> {
    let refuse = |why: &str| Err(Error::new(Code::InvalidApiKey, format!("the API key {why}")));
    let bare = key.trim();
    let begins_with = |start: &str| {
        bare.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    if key.is_empty() {
        return refuse("is empty: set PICTORY_API_KEY to the key from the Pictory dashboard");
    }
    if begins_with("bearer ") || bare.eq_ignore_ascii_case("bearer") {
        return refuse("begins with 'Bearer': pass the key alone");
    }
    // As a file of variables leaves them, where what reads it is no shell.
    if begins_with("PICTORY_API_KEY=") || begins_with("export ") {
        return refuse("begins with 'PICTORY_API_KEY=': pass the key alone");
    }
    if bare.starts_with(['"', '\'']) || bare.ends_with(['"', '\'']) {
        return refuse("has quotation marks around it: pass the key alone");
    }
    if !key.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return refuse("holds a line break or another character that is not printable ASCII");
    }
    if key != key.trim() {
        return refuse("begins or ends with a blank");
    }
    if key.len() > LONGEST_HEADER {
        return refuse("is too long to be one");
    }
    Ok(Secret::new(key.to_owned()))
}

fn header_name(name: &str) -> Result<HeaderName> {
    // Not quoted: name and value may have changed places.
    let flaw = "the name of a header must be of letters, digits and hyphens, such as X-Name";
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .ok()
        .filter(|_| name.len() <= LONGEST_HEADER)
        .ok_or_else(|| Error::argument(flaw))?;
    let text = parsed.as_str();
    let is_ours = matches!(
        text,
        "authorization"
            | "host"
            | "accept"
            | "user-agent"
            | "connection"
            | "content-length"
            | "transfer-encoding"
            | "te"
            | "upgrade"
    );
    if is_ours || text.starts_with("proxy-") {
        return Err(Error::argument(format!(
            "the header {name} is set by this library alone: leave it out"
        )));
    }
    Ok(parsed)
}

fn header_value(what: &str, text: &str) -> Result<Secret> {
    let printable = |byte: u8| (b' '..=b'~').contains(&byte);
    let flaw = if text.is_empty() {
        "is empty"
    } else if text.len() > LONGEST_HEADER {
        "is too long"
    } else if !text.bytes().all(printable) {
        "holds a line break, a tab or another character that is not printable ASCII"
    } else if text != text.trim() {
        // The server would see, and perhaps say, another one.
        "begins or ends with a blank"
    } else {
        return Ok(Secret::new(text.to_owned()));
    };
    Err(Error::argument(format!("{what} {flaw}")))
}

fn read_ca_file(path: &Path) -> Result<RootCertStore> {
    let refuse = |why: &str| {
        let shown = quote(&path.to_string_lossy());
        Error::new(Code::Certificates, format!("the CA file '{shown}' {why}"))
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(pem::read(path).map_err(|why| refuse(&why))?);
    Ok(roots)
}

/// A length of time: above ten years counts as ten years; 0 and less is refused.
pub(crate) fn milliseconds(what: &str, ms: i64) -> Result<Duration> {
    match u64::try_from(ms) {
        Ok(ms @ 1..) => Ok(Duration::from_millis(ms).min(LONGEST_TIME)),
        _ => Err(Error::argument(format!("{what} must be at least 1 ms, and is {ms}"))),
    }
}
