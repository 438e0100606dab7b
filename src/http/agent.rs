//! One GET over a connection of the pool, or over a new one.

use std::sync::Arc;

use once_cell::race::OnceBox;
use rustls::{ClientConfig, RootCertStore};

use super::call::Call;
use super::exchange;
use super::incoming::Incoming;
use super::pool::Pool;
use super::wire::Wire;
use super::{connect, tls};
use crate::config::ProxyRule;
use crate::error::Result;
use crate::url::{Endpoint, Origin, Proxy, is_exempt};

/// What the connections of a client have in common.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) proxy: ProxyRule,
    pub(crate) roots: Option<Arc<RootCertStore>>,
}

/// The connections of a client.
#[derive(Debug)]
pub(crate) struct Http {
    settings: Settings,
    tls: OnceBox<Arc<ClientConfig>>,
    pool: Pool,
}

impl Http {
    pub(crate) fn new(settings: Settings) -> Http {
        Http { settings, tls: OnceBox::new(), pool: Pool::default() }
    }

    /// Sends `request` to `origin`, and receives the head of the reply. A kept connection that the
    /// server has closed meanwhile costs one silent retry.
    pub(crate) async fn get<'a>(
        &'a self,
        origin: &Arc<Origin>,
        request: &[u8],
        call: &'a Call,
    ) -> Result<Incoming<'a>> {
        let kept = match self.pool.take(origin) {
            Some(wire) => Some(exchange::begin(wire, request, call).await),
            None => None,
        };
        let begun = match kept {
            Some(Err(error)) if !call.may_start_afresh(&error) => return Err(error),
            Some(Ok(begun)) => begun,
            _ => exchange::begin(self.dial(origin, call).await?, request, call).await?,
        };
        let (head, exchange) = begun;
        Ok(Incoming { head, exchange: Some(exchange), call, pool: &self.pool })
    }

    async fn dial(&self, origin: &Arc<Origin>, call: &Call) -> Result<Wire> {
        call.begin_connecting();
        let endpoint = &origin.endpoint;
        let proxy = self.settings.proxy.of(endpoint);
        let socket = connect::connect(endpoint, proxy, call).await?;
        let session = match origin.is_https {
            true => Some(tls::handshake(self.tls()?, &endpoint.host, &socket, call).await?),
            false => None,
        };
        call.end_connecting();
        Ok(Wire::new(Arc::clone(origin), socket, session))
    }

    fn tls(&self) -> Result<Arc<ClientConfig>> {
        let roots = self.settings.roots.as_ref();
        self.tls.get_or_try_init(|| tls::client_config(roots).map(Box::new)).map(Arc::clone)
    }
}

impl ProxyRule {
    fn of(&self, endpoint: &Endpoint) -> Option<&Proxy> {
        match self {
            ProxyRule::Given(proxy) => proxy.as_ref(),
            ProxyRule::FromEnvironment { proxy, no_proxy } => {
                let exempt = endpoint.is_loopback() || is_exempt(no_proxy, endpoint);
                (!exempt).then_some(proxy)
            }
        }
    }
}
