//! The settings that a client runs on: plain values, none of which can be refused any more.

use std::time::Duration;

use http::HeaderMap;

use crate::config::Config;
use crate::error::{Code, Error, Result};
use crate::http::Transport;
use crate::log::Log;
use crate::secret::Secret;
use crate::url::{BaseUrl, Origin};

/// Data that stays unacknowledged for longer means that the path is gone.
const LONGEST_UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// The settings of a client, but for its key, which can be replaced.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) base: BaseUrl,
    /// The User-Agent and the extra headers.
    pub(crate) headers: HeaderMap,
    /// The values of the extra headers, which no message may hold.
    pub(crate) header_secrets: Vec<Secret>,
    pub(crate) transport: Transport,
    pub(crate) connect_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) max_retries: u32,
    /// The least time between two requests.
    pub(crate) pace: Duration,
    pub(crate) log: Log,
}

impl Config {
    /// The settings that this configuration asks for, and the key; or why no client can be made of
    /// it.
    pub(crate) fn settle(&self) -> Result<(Settings, Secret)> {
        let key = self.api_key.clone()?;
        let base = self.base_url.clone()?;
        let proxy = self.proxy.clone();
        let Origin { is_https, endpoint } = &*base.origin;
        if !is_https && !endpoint.is_loopback() && !self.allow_http {
            return Err(Error::new(
                Code::InsecureUrl,
                format!(
                    "plain http to {} would send the API key in clear text: use https, or allow \
                     http for this configuration",
                    endpoint.host
                ),
            ));
        }
        let settings = Settings {
            base,
            headers: self.headers.clone(),
            header_secrets: self.header_secrets.iter().map(|(_, secret)| secret.clone()).collect(),
            transport: Transport {
                proxy,
                roots: self.roots.clone(),
                unacknowledged: LONGEST_UNACKNOWLEDGED.min(self.request_timeout / 2),
            },
            connect_timeout: self.connect_timeout,
            request_timeout: self.request_timeout,
            max_retries: self.max_retries,
            pace: self.pace,
            log: self.log.clone(),
        };
        Ok((settings, key))
    }
}

impl Settings {
    /// The secrets that no message may hold, but for the key.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.header_secrets.iter().chain(self.transport.proxy.secrets())
    }
}
