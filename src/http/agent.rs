//! One GET over a connection of the pool, or over a new one.

use std::sync::Arc;
use std::time::Duration;

use once_cell::race::OnceBox;
use rustls::{ClientConfig, RootCertStore};

use super::connection::Connection;
use super::error::{Error, Result};
use super::exchange;
use super::incoming::Incoming;
use super::pool::Pool;
use super::request_context::RequestContext;
use super::{connect, tls};
use crate::proxy::ProxyRule;
use crate::sys;
use crate::url::Origin;

/// The settings that all connections of a client have in common.
#[derive(Debug, Clone)]
pub(crate) struct Transport {
    pub(crate) proxy: ProxyRule,
    pub(crate) roots: Option<Arc<RootCertStore>>,
    /// How long data may stay unacknowledged before the path counts as gone.
    pub(crate) unacknowledged: Duration,
}

/// The connections of a client.
#[derive(Debug)]
pub(crate) struct Http {
    transport: Transport,
    tls: OnceBox<Arc<ClientConfig>>,
    pool: Pool,
}

impl Http {
    pub(crate) fn new(transport: Transport) -> Http {
        Http { transport, tls: OnceBox::new(), pool: Pool::default() }
    }

    /// Sends `request` to `origin`, and receives the head of the reply. An idle connection that the
    /// server has closed meanwhile costs one silent retry.
    pub(crate) async fn get<'a>(
        &'a self,
        origin: &Arc<Origin>,
        request: &[u8],
        context: &'a RequestContext,
    ) -> Result<Incoming<'a>> {
        let reused = match self.pool.take(origin) {
            Some(connection) => Some(exchange::begin(connection, request, context).await),
            None => None,
        };
        if let Some(Err(error)) = &reused
            && error.may_be_the_path()
        {
            self.pool.forget(origin);
        }
        let begun = match reused {
            Some(Err(error)) if !context.may_redial(&error) => return Err(error),
            Some(Ok(begun)) => begun,
            _ => exchange::begin(self.dial(origin, context).await?, request, context).await?,
        };
        let (head, exchange) = begun;
        Ok(Incoming { head, exchange: Some(exchange), context, pool: &self.pool })
    }

    async fn dial(&self, origin: &Arc<Origin>, context: &RequestContext) -> Result<Connection> {
        // First, so that certificates that cannot be had are said to be so, whoever answers.
        let tls = if origin.is_https { Some(self.tls()?) } else { None };
        context.begin_connecting();
        let endpoint = &origin.endpoint;
        let proxy = self.transport.proxy.proxy_for(origin);
        let proxy = proxy.map_err(|error| Error::BadProxy { why: error.message })?;
        let socket = connect::connect(endpoint, proxy, context).await?;
        sys::set_up(&socket, self.transport.unacknowledged)
            .map_err(|cause| Error::system("set up a socket", &cause))?;
        let session = match tls {
            Some(tls) => Some(tls::handshake(tls, &endpoint.host, &socket, context).await?),
            None => None,
        };
        context.end_connecting();
        Ok(Connection::new(Arc::clone(origin), socket, session))
    }

    fn tls(&self) -> Result<Arc<ClientConfig>> {
        let roots = self.transport.roots.as_ref();
        self.tls.get_or_try_init(|| tls::client_config(roots).map(Box::new)).map(Arc::clone)
    }
}
