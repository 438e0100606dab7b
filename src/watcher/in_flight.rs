//! The requests in flight, all of them driven by one thread.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::slab::Slot;
use super::watch::{StepResult, WatchStep, panicked};
use crate::client::Client;
use crate::error::Result;
use crate::http::RequestContext;
use crate::outcome::Attempt;
use crate::pacing::Stagger;
use crate::panic_guard;
use crate::sys::Poller;

/// The most requests at once. Each takes a descriptor, of which a process commonly has 1,024.
pub(super) const MOST: usize = 256;

struct Request {
    /// Tells it from others that had the same slot before.
    serial: u32,
    step: Box<WatchStep>,
    sent: Instant,
    context: Rc<RequestContext>,
    future: Pin<Box<dyn Future<Output = Result<Attempt>>>>,
}

/// The requests in flight.
pub(super) struct InFlight<'a> {
    client: &'a Arc<Client>,
    spread: Stagger,
    poller: &'a Poller,
    in_flight: HashMap<Slot, Request>,
    serial: u32,
    /// None of them runs out of time before.
    earliest: Option<Instant>,
}

impl<'a> InFlight<'a> {
    pub(super) fn new(client: &'a Arc<Client>, poller: &'a Poller) -> InFlight<'a> {
        let (spread, in_flight) = (Stagger::default(), HashMap::new());
        InFlight { client, spread, poller, in_flight, serial: 0, earliest: None }
    }

    pub(super) fn is_full(&self) -> bool {
        self.in_flight.len() >= MOST
    }

    /// When one of them may run out of time.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.earliest
    }

    /// Begins a step: `None` if it has to wait for the server.
    pub(super) fn begin(&mut self, step: Box<WatchStep>) -> Option<StepResult> {
        let (slot, id, tag) = (step.slot, step.id, step.tag);
        let sent = Instant::now();
        let (step, deadline) = match panic_guard::inside(|| step.begin(self.client, sent)) {
            Some(ControlFlow::Continue(begun)) => begun,
            Some(ControlFlow::Break(result)) => return Some(result),
            None => return Some(panicked(&id, tag)),
        };
        let context = Rc::new(self.client.context(deadline, None));
        let (client, of_future) = (Arc::clone(self.client), Rc::clone(&context));
        let future = Box::pin(async move { client.request(&id, &of_future).await });
        self.serial = self.serial.wrapping_add(1);
        let request = Request { serial: self.serial, step, sent, context, future };
        self.go_on(slot, request)
    }

    /// Does what can be done without waiting.
    fn go_on(&mut self, slot: Slot, mut request: Request) -> Option<StepResult> {
        let (id, tag) = (request.step.id, request.step.tag);
        let mut task_context = Context::from_waker(Waker::noop());
        loop {
            match panic_guard::inside(|| request.future.as_mut().poll(&mut task_context)) {
                None => return Some(panicked(&id, tag)),
                Some(Poll::Ready(result)) => return Some(self.finish(request, result)),
                Some(Poll::Pending) => {}
            }
            match self.arm(slot, &request) {
                Ok(until) => {
                    self.earliest = Some(self.earliest.map_or(until, |first| first.min(until)));
                    self.in_flight.insert(slot, request);
                    return None;
                }
                Err(cause) => request.context.resume(Err(cause)),
            };
        }
    }

    fn arm(&self, slot: Slot, request: &Request) -> io::Result<Instant> {
        let key = u64::from(request.serial) << 32 | u64::from(slot);
        let wanted = request.context.wait_set();
        wanted.interests().iter().try_for_each(|on| self.poller.arm(*on, key))?;
        Ok(wanted.until)
    }

    /// Ends a request that was answered or has failed.
    fn finish(&mut self, request: Request, result: Result<Attempt>) -> StepResult {
        let Request { step, sent, .. } = request;
        let (id, tag) = (step.id, step.tag);
        let result = panic_guard::inside(|| match result {
            Ok(attempt) => step.finish(self.client, attempt, sent, &mut self.spread),
            Err(_) => step.cut(self.client),
        });
        result.unwrap_or_else(|| panicked(&id, tag))
    }

    /// Something that a request waits for is ready.
    pub(super) fn wake(&mut self, key: u64) -> Option<(Slot, StepResult)> {
        let (slot, serial) = (key as u32, (key >> 32) as u32);
        let is_awaited = self.in_flight.get(&slot).is_some_and(|request| request.serial == serial);
        let request = if is_awaited { self.in_flight.remove(&slot)? } else { return None };
        self.resume(slot, request, RequestContext::resume_ready)
    }

    fn resume(
        &mut self,
        slot: Slot,
        request: Request,
        resume: impl FnOnce(&RequestContext) -> bool,
    ) -> Option<(Slot, StepResult)> {
        if resume(&request.context) {
            return self.go_on(slot, request).map(|result| (slot, result));
        }
        // The poller has disarmed what was ready; all of it is armed again.
        if let Err(cause) = self.arm(slot, &request) {
            request.context.resume(Err(cause));
            return self.go_on(slot, request).map(|result| (slot, result));
        }
        self.in_flight.insert(slot, request);
        None
    }

    /// Ends the waits of all of them, since nothing can be waited for.
    pub(super) fn fail_all(&mut self, cause: &io::Error) -> Vec<(Slot, StepResult)> {
        let requests: Vec<_> = self.in_flight.drain().collect();
        let end = |(slot, request): (Slot, Request)| {
            let why = || io::Error::new(cause.kind(), cause.to_string());
            self.resume(slot, request, |context| context.resume(Err(why())))
        };
        requests.into_iter().filter_map(end).collect()
    }

    /// Ends the waits whose time has come.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(Slot, StepResult)> {
        if self.earliest.is_none_or(|earliest| earliest > now) {
            return Vec::new();
        }
        let until = |request: &Request| request.context.wait_set().until;
        let late = self.in_flight.iter().filter(|(_, request)| until(request) <= now);
        let late: Vec<Slot> = late.map(|(slot, _)| *slot).collect();
        self.earliest = self.in_flight.values().map(until).filter(|until| *until > now).min();
        let end = |slot| {
            let request = self.in_flight.remove(&slot)?;
            self.resume(slot, request, |context| context.resume(Ok(())))
        };
        late.into_iter().filter_map(end).collect()
    }

    /// Cuts a request, if it is one that is in flight.
    pub(super) fn cut(&mut self, slot: Slot) -> Option<StepResult> {
        let Request { step, .. } = self.in_flight.remove(&slot)?;
        let (id, tag) = (step.id, step.tag);
        let result = panic_guard::inside(|| step.cut(self.client));
        Some(result.unwrap_or_else(|| panicked(&id, tag)))
    }

    /// Cuts all of them.
    pub(super) fn cut_all(&mut self) -> Vec<Slot> {
        self.in_flight.drain().map(|(slot, _)| slot).collect()
    }
}
