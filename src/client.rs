//! The client: one GET, with its pace, its retries and its key.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use http::header::USER_AGENT;
use http::{HeaderMap, Uri};

use crate::block_start::BlockStart;
use crate::cancel::{self, CancelToken, Interrupt};
use crate::config::{Config, api_key};
use crate::error::{Code, Error, Result};
use crate::explanation::Peer;
use crate::http::{Http, Incoming, RequestContext, Template, request_for};
use crate::job::{Job, JobId};
use crate::log::Level;
use crate::outcome::{Attempt, Outcome, describe};
use crate::pacing::Backoff;
use crate::per_process::PerProcess;
use crate::receive;
use crate::redaction::redact;
use crate::reply::Reply;
use crate::response;
use crate::schedule::retry_pause;
use crate::secret::Secret;
use crate::settings::Settings;
use crate::sys;
use crate::text::Text;
use crate::url::Origin;

/// Where the jobs are, below the base URL.
const JOBS: &str = "/v1/jobs/";

/// The limits of a request that is not the API's.
pub(crate) struct FetchLimits<'a> {
    pub(crate) deadline: Instant,
    pub(crate) idle_timeout: Duration,
    pub(crate) interrupt: Interrupt<'a>,
}

/// Connections, key and limits, shared between all threads.
pub struct Client {
    settings: Settings,
    request: Template,
    key: ArcSwap<Secret>,
    key_block: BlockStart,
    state: PerProcess<ProcessState>,
}

/// The state that a forked child makes anew.
#[derive(Debug)]
struct ProcessState {
    http: Http,
    epoch: Instant,
    /// When the next request may be made, in nanoseconds since the epoch.
    next_turn: AtomicU64,
    /// Whether log lines still go out. A line holds it for reading while it is handed over.
    log_is_open: RwLock<bool>,
    /// The pause of all watches after a 429.
    backoff: Mutex<Backoff>,
}

impl Client {
    /// Makes a client. The reason of a refusal is logged too, since the caller gets but its code.
    pub fn new(config: &Config) -> Result<Client> {
        let settled = config.settle().inspect_err(|error| {
            if let Some(sink) = config.log.wants(Level::Error) {
                sink(Level::Error, &config.redact(&error.message));
            }
        });
        let (settings, key) = settled?;
        sys::notice_forks();
        let (key, key_block) = (Arc::new(key), BlockStart::new());
        key_block.set(&key);
        let key = ArcSwap::new(key);
        let base = &settings.base;
        let path = [&base.path, JOBS].concat();
        let request = Template::new(&base.scheme, &base.authority, &path, &settings.headers);
        let client = Client { settings, request, key, key_block, state: PerProcess::new() };
        client.log(Level::Debug, || {
            format!("a client for {} was made", client.settings.base.authority)
        });
        Ok(client)
    }

    /// Replaces the key; the next request uses it.
    pub fn set_api_key(&self, key: &str) -> Result<()> {
        let key = Arc::new(api_key(key)?);
        self.key_block.set(&key);
        self.key.store(key);
        Ok(())
    }

    /// No line is logged after this has returned.
    pub fn close_log(&self) {
        let mut is_open = self.state().log_is_open.write().unwrap_or_else(PoisonError::into_inner);
        *is_open = false;
    }

    /// Gets a job once, with retries on what passes.
    pub fn get(&self, id: &JobId, token: Option<&Arc<CancelToken>>) -> Outcome {
        let mut outcome = Outcome::begin(id);
        let result = self.get_with_retries(id, None, Interrupt::by_token(token), &mut outcome);
        if let Err(error) = result {
            outcome.fail(error);
        }
        self.end_polls(id, &mut outcome);
        outcome
    }

    /// A call that was refused before it began; `given` is what stood in place of the job id.
    pub fn refuse(&self, error: Error, given: Option<&str>) -> Outcome {
        let mut outcome = Outcome::refused(error, given);
        self.redact_outcome(&mut outcome);
        outcome
    }

    /// Gets a job into `outcome`. Fails only if it was cancelled, or its turn did not come.
    pub(crate) fn get_with_retries(
        &self,
        id: &JobId,
        deadline: Option<Instant>,
        interrupt: Interrupt<'_>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        if let Some(token) = interrupt.token {
            token.check_owner()?;
        }
        for failed in 0.. {
            let attempt = self.attempt(id, deadline, interrupt)?;
            let retry_after = attempt.retry_after();
            let is_final = !matches!(&attempt.result, Err(error) if error.is_transient());
            outcome.record(attempt, Error::is_transient);
            if is_final || failed >= self.settings.max_retries {
                break;
            }
            let Some(pause) = retry_pause(failed, retry_after, jitter()) else { break };
            self.log(Level::Warn, || {
                let message = outcome.message().as_str();
                format!("job {id}: trying again in {} ms: {message}", pause.as_millis())
            });
            let until = Instant::now() + pause;
            let until = deadline.map_or(until, |deadline| deadline.min(until));
            cancel::sleep(until, interrupt)?;
        }
        Ok(())
    }

    /// Begins to get what is not the API's, within `limits`. Neither the key nor an extra header goes
    /// there, nor does the pace hold. What came wrong on the way, `receive` may add to.
    pub(crate) fn fetch<T>(
        &self,
        uri: &Uri,
        mut headers: HeaderMap,
        limits: FetchLimits<'_>,
        peer: Peer<'_>,
        receive: impl FnOnce(Incoming<'_>) -> Result<T>,
    ) -> Result<T> {
        let user_agent = self.settings.headers.get(USER_AGENT).cloned();
        user_agent.map(|user_agent| headers.insert(USER_AGENT, user_agent));
        let FetchLimits { deadline, idle_timeout, interrupt } = limits;
        let (token, heartbeat) = (interrupt.token.cloned(), interrupt.heartbeat);
        let context = RequestContext::new(deadline, self.settings.connect_timeout, token)
            .with_idle_timeout(idle_timeout);
        let missing = || Error::internal("a request without a host");
        Origin::of(uri).ok_or_else(missing).and_then(|origin| {
            let (origin, request) = (Arc::new(origin), request_for(uri, &headers));
            let begun = self.state().http.get(&origin, &request, &context);
            let incoming = context.block_on(heartbeat, begun);
            let incoming = incoming.ok_or_else(cancel::cancelled)?;
            receive(incoming.map_err(|failure| peer.explain(failure))?)
        })
    }

    /// One request, not begun before its turn and over at `deadline`. Fails only if it was
    /// cancelled, or its turn did not come: then nothing was sent, or nothing came of it.
    pub(crate) fn attempt(
        &self,
        id: &JobId,
        deadline: Option<Instant>,
        interrupt: Interrupt<'_>,
    ) -> Result<Attempt> {
        self.await_turn(deadline, interrupt)?;
        let context = self.context(deadline, interrupt.token.cloned());
        let ended = context.block_on(interrupt.heartbeat, self.request(id, &context));
        ended.ok_or_else(cancel::cancelled)?
    }

    /// The limits of a request that is over at `deadline`.
    pub(crate) fn context(
        &self,
        deadline: Option<Instant>,
        token: Option<Arc<CancelToken>>,
    ) -> RequestContext {
        let until = Instant::now() + self.settings.request_timeout;
        let until = deadline.map_or(until, |deadline| deadline.min(until));
        RequestContext::new(until, self.settings.connect_timeout, token)
    }

    /// One request, without regard to turns: see [`Client::claim_turn`]. Fails only if it was
    /// cancelled.
    pub(crate) async fn request(&self, id: &JobId, context: &RequestContext) -> Result<Attempt> {
        let key = self.key.load();
        let started = Instant::now();
        let result = self.send(id, &key, context).await;
        let took = started.elapsed();
        // The key that was sent, which may have been replaced meanwhile.
        let redact = |text: &str| redact(text, [&**key].into_iter());
        let (reply, result) = match result {
            Ok((reply, result)) => (Some(reply.redacted(redact)), result),
            Err(error) if error.code == Code::Cancelled => return Err(error),
            Err(error) => (None, Err(error)),
        };
        let mut message = match &result {
            Ok(job) => describe(job),
            Err(error) => Text::new(&error.message),
        };
        message.change(redact);
        self.log(Level::Debug, || {
            let (came, took) = (answer(reply.as_deref()), took.as_millis());
            let (path, message) = (&self.settings.base.path, message.view().as_str());
            format!("GET {path}{JOBS}{id}: {came} after {took} ms: {message}")
        });
        Ok(Attempt { result, reply, took, message })
    }

    async fn send(
        &self,
        id: &JobId,
        key: &Secret,
        context: &RequestContext,
    ) -> Result<(Arc<Reply>, Result<Job>)> {
        let incoming = {
            // Overwritten as soon as the reply begins: until then it may have to be sent again.
            let request = self.request.fill(id.as_str(), key.bytes());
            self.state().http.get(&self.settings.base.origin, &request, context).await
        };
        let mut incoming = incoming.map_err(|failure| Peer::Api.explain(failure))?;
        let reply = Arc::new(receive::whole(&mut incoming).await?);
        let result = match incoming.is_coded() && response::is_success(reply.status()) {
            true => Err(response::coded()),
            false => response::read(&reply, id),
        };
        if matches!(&result, Err(error) if error.code == Code::InvalidResponse) {
            incoming.discard();
        }
        Ok((reply, result))
    }

    /// Waits for this request's place in the client's pace.
    fn await_turn(&self, deadline: Option<Instant>, interrupt: Interrupt<'_>) -> Result<()> {
        interrupt.check()?;
        while let Some(turn) = self.claim_turn() {
            cancel::sleep(deadline.map_or(turn, |deadline| turn.min(deadline)), interrupt)?;
            if deadline.is_some_and(|deadline| turn > deadline) {
                let message =
                    "time ran out before the rate limit allowed a request: raise one of them";
                return Err(Error::new(Code::Timeout, message));
            }
        }
        Ok(())
    }

    /// Takes this turn for a request, if one is due; else tells when the next one is.
    pub(crate) fn claim_turn(&self) -> Option<Instant> {
        self.state().claim_turn(self.settings.pace)
    }

    /// The pause of all watches of this client after a 429.
    pub(crate) fn backoff(&self) -> MutexGuard<'_, Backoff> {
        self.state().backoff.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> &ProcessState {
        self.state.get(|| ProcessState {
            http: Http::new(self.settings.transport.clone()),
            epoch: Instant::now(),
            next_turn: AtomicU64::new(0),
            log_is_open: RwLock::new(true),
            backoff: Mutex::default(),
        })
    }

    fn redact(&self, text: &str) -> String {
        redact(text, [&**self.key.load()].into_iter().chain(self.settings.secrets()))
    }

    /// Takes the secrets out of an outcome that is about to be handed to the host.
    pub(crate) fn redact_outcome(&self, outcome: &mut Outcome) {
        outcome.redact(|text| self.redact(text));
    }

    /// Logs a line.
    pub(crate) fn log(&self, level: Level, line: impl FnOnce() -> String) {
        if let Some(sink) = self.settings.log.wants(level) {
            let is_open = self.state().log_is_open.read().unwrap_or_else(PoisonError::into_inner);
            if *is_open {
                sink(level, &self.redact(&line()));
            }
        }
    }

    /// Whether the host takes log lines.
    pub(crate) fn has_log(&self) -> bool {
        self.settings.log.wants(Level::Error).is_some()
    }

    /// Ends a call about a job, and logs it; `figures` are what it has cost.
    pub(crate) fn end(
        &self,
        id: &str,
        outcome: &mut Outcome,
        figures: impl FnOnce(&Outcome) -> String,
    ) {
        outcome.stamp();
        self.redact_outcome(outcome);
        let is_wanted = matches!(outcome.code(), Code::Ok | Code::Cancelled);
        let level = if is_wanted { Level::Info } else { Level::Error };
        self.log(level, || {
            let (message, elapsed) = (outcome.message().as_str(), outcome.elapsed().as_millis());
            format!("job {id}: {message} ({}, {elapsed} ms)", figures(outcome))
        });
    }

    /// Ends a get, a wait or a watch, and logs it.
    pub(crate) fn end_polls(&self, id: &JobId, outcome: &mut Outcome) {
        self.end(id.as_str(), outcome, |outcome| format!("polls: {}", outcome.polls()));
    }
}

impl ProcessState {
    /// A turn is claimed only when it is due: a call that is cancelled before holds up none. Turns are
    /// `pace` apart; those that were not claimed are lost, so that a pause is not followed by a burst.
    fn claim_turn(&self, pace: Duration) -> Option<Instant> {
        let nanoseconds = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        if pace.is_zero() {
            return None;
        }
        let now = nanoseconds(self.epoch.elapsed());
        let after = now.saturating_add(nanoseconds(pace));
        let take = |next| (next <= now).then_some(after);
        let taken = self.next_turn.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.err().map(|next| self.epoch + Duration::from_nanos(next))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.redact(self.settings.base.authority.as_str()))
    }
}

/// An answer in a line of the log.
pub(crate) fn answer(reply: Option<&Reply>) -> String {
    let Some(reply) = reply else { return "no reply".to_owned() };
    let asked = |span: Duration| format!(", Retry-After {} s,", span.as_secs());
    format!("HTTP {}{}", reply.status(), reply.retry_after().map(asked).unwrap_or_default())
}

/// A number between -1 and 1 that other clients do not have.
pub(crate) fn jitter() -> f64 {
    let random = RandomState::new().hash_one(Instant::now());
    (random as f64 / u64::MAX as f64).mul_add(2.0, -1.0)
}
