//! The environment, as far as this library looks at it.

use std::ffi::{CStr, OsString};

use zeroize::Zeroizing;

use crate::config::{self, Config};
use crate::error::{Code, Error, Result};
use crate::proxy::{EnvironmentProxies, Proxy, ProxyRule};
use crate::sys;
use crate::url::BaseUrl;

impl Config {
    /// The defaults, then `PICTORY_API_KEY`, `PICTORY_API_BASE_URL` and the proxies of the
    /// environment. A key or a base URL that is refused is reported when the client is made, unless a
    /// setter has replaced it.
    pub fn from_environment() -> Config {
        let mut config = Config::new();
        if let Some(key) = read(c"PICTORY_API_KEY", Code::InvalidApiKey) {
            config.api_key = key.and_then(|key| config::api_key(&key));
        }
        if let Some(url) = read(c"PICTORY_API_BASE_URL", Code::InvalidUrl) {
            config.base_url = url.and_then(|url| BaseUrl::parse(&url)).map_err(|error| Error {
                message: format!("PICTORY_API_BASE_URL: {}", error.message),
                ..error
            });
        }
        config.proxy = proxies();
        config
    }
}

/// A variable that is set to something; an empty one counts as unset.
fn set(name: &CStr) -> Option<OsString> {
    sys::environment(name).filter(|value| !value.is_empty())
}

/// The value of a variable as text, which may be a secret.
fn read(name: &CStr, code: Code) -> Option<Result<Zeroizing<String>>> {
    let refuse = |_| Error::new(code, format!("{} is not UTF-8", name.to_string_lossy()));
    Some(set(name)?.into_string().map(Zeroizing::new).map_err(refuse))
}

/// The proxies, by the variables that curl reads. `HTTP_PROXY` is not among them: a CGI program's
/// client chooses its value.
fn proxies() -> ProxyRule {
    let all = [c"all_proxy", c"ALL_PROXY"];
    let first = |names: &[&'static CStr]| names.iter().chain(&all).copied().find_map(proxy);
    let (for_https, for_http) = (first(&[c"https_proxy", c"HTTPS_PROXY"]), first(&[c"http_proxy"]));
    if for_https.is_none() && for_http.is_none() {
        return ProxyRule::Given(None);
    }
    let no_proxy = [c"no_proxy", c"NO_PROXY"].into_iter().find_map(set);
    let no_proxy = no_proxy.map(|list| list.to_string_lossy().into_owned()).unwrap_or_default();
    ProxyRule::FromEnvironment(Box::new(EnvironmentProxies { for_https, for_http, no_proxy }))
}

/// The proxy that a variable names.
fn proxy(name: &CStr) -> Option<Result<Proxy>> {
    let named = |error: Error| Error {
        message: format!("{}: {}", name.to_string_lossy(), error.message),
        ..error
    };
    let url = read(name, Code::InvalidUrl)?;
    Some(url.and_then(|url| Proxy::parse(&url).map_err(named)))
}
