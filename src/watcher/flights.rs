//! The requests in flight, all of them driven by one thread.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use super::slab::Slot;
use super::watch::{Begun, End, Task, panicked};
use crate::client::Client;
use crate::crowd::Spread;
use crate::error::Result;
use crate::http::Call;
use crate::outcome::Attempt;
use crate::quiet;
use crate::sys::Poller;

/// The most requests at once. Each takes a descriptor, of which a process commonly has 1,024.
pub(super) const MOST: usize = 256;

struct Flight {
    /// Tells it from others that had the same slot before.
    serial: u32,
    task: Box<Task>,
    sent: Instant,
    call: Rc<Call>,
    work: Pin<Box<dyn Future<Output = Result<Attempt>>>>,
}

/// What the requests share.
pub(super) struct Flights<'a> {
    client: &'a Arc<Client>,
    spread: Spread,
    poller: &'a Poller,
    flights: HashMap<Slot, Flight>,
    serial: u32,
    /// None of them runs out of time before.
    earliest: Option<Instant>,
}

impl<'a> Flights<'a> {
    pub(super) fn new(client: &'a Arc<Client>, poller: &'a Poller) -> Flights<'a> {
        let (spread, flights) = (Spread::default(), HashMap::new());
        Flights { client, spread, poller, flights, serial: 0, earliest: None }
    }

    pub(super) fn is_full(&self) -> bool {
        self.flights.len() >= MOST
    }

    /// When one of them may run out of time.
    pub(super) fn earliest(&self) -> Option<Instant> {
        self.earliest
    }

    /// Begins a step: `None` if it has to wait for the server.
    pub(super) fn begin(&mut self, slot: Slot, task: Box<Task>) -> Option<End> {
        let (id, tag) = (task.id, task.tag);
        let sent = Instant::now();
        let (task, deadline) = match quiet::inside(|| task.begin(self.client, sent)) {
            Some(Begun::Poll(task, deadline)) => (task, deadline),
            Some(Begun::Over(end)) => return Some(end),
            None => return Some(panicked(&id, tag)),
        };
        let call = Rc::new(self.client.call(deadline, None));
        let (client, of_work) = (Arc::clone(self.client), Rc::clone(&call));
        let work = Box::pin(async move { client.request(&id, &of_work).await });
        self.serial = self.serial.wrapping_add(1);
        let flight = Flight { serial: self.serial, task, sent, call, work };
        self.go_on(slot, flight)
    }

    /// Does what can be done without waiting.
    fn go_on(&mut self, slot: Slot, mut flight: Flight) -> Option<End> {
        let (id, tag) = (flight.task.id, flight.task.tag);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match quiet::inside(|| flight.work.as_mut().poll(&mut context)) {
                None => return Some(panicked(&id, tag)),
                Some(Poll::Ready(result)) => return Some(self.land(flight, result)),
                Some(Poll::Pending) => {}
            }
            match self.arm(slot, &flight) {
                Ok(until) => {
                    self.earliest = Some(self.earliest.map_or(until, |first| first.min(until)));
                    self.flights.insert(slot, flight);
                    return None;
                }
                Err(cause) => flight.call.resume(Err(cause)),
            };
        }
    }

    fn arm(&self, slot: Slot, flight: &Flight) -> io::Result<Instant> {
        let key = u64::from(flight.serial) << 32 | u64::from(slot);
        let wanted = flight.call.wanted();
        wanted.descriptors().iter().try_for_each(|on| self.poller.arm(*on, key))?;
        Ok(wanted.until)
    }

    fn land(&mut self, flight: Flight, result: Result<Attempt>) -> End {
        let Flight { task, sent, .. } = flight;
        let (id, tag) = (task.id, task.tag);
        let end = quiet::inside(|| match result {
            Ok(attempt) => task.take(self.client, attempt, sent, &mut self.spread),
            Err(_) => task.cut(self.client),
        });
        end.unwrap_or_else(|| panicked(&id, tag))
    }

    /// Something that a request waits for is ready.
    pub(super) fn wake(&mut self, key: u64) -> Option<(Slot, End)> {
        let (slot, serial) = (key as u32, (key >> 32) as u32);
        let is_awaited = self.flights.get(&slot).is_some_and(|flight| flight.serial == serial);
        let flight = if is_awaited { self.flights.remove(&slot)? } else { return None };
        self.resume(slot, flight, Call::resume_ready)
    }

    fn resume(
        &mut self,
        slot: Slot,
        flight: Flight,
        resume: impl FnOnce(&Call) -> bool,
    ) -> Option<(Slot, End)> {
        if resume(&flight.call) {
            return self.go_on(slot, flight).map(|end| (slot, end));
        }
        // Only what was told is disarmed; all of it is armed again.
        if let Err(cause) = self.arm(slot, &flight) {
            flight.call.resume(Err(cause));
            return self.go_on(slot, flight).map(|end| (slot, end));
        }
        self.flights.insert(slot, flight);
        None
    }

    /// Ends the waits whose time has come.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<(Slot, End)> {
        if self.earliest.is_none_or(|earliest| earliest > now) {
            return Vec::new();
        }
        let until = |flight: &Flight| flight.call.wanted().until;
        let late = self.flights.iter().filter(|(_, flight)| until(flight) <= now);
        let late: Vec<Slot> = late.map(|(slot, _)| *slot).collect();
        self.earliest = self.flights.values().map(until).filter(|until| *until > now).min();
        let end = |slot| {
            let flight = self.flights.remove(&slot)?;
            self.resume(slot, flight, |call| call.resume(Ok(())))
        };
        late.into_iter().filter_map(end).collect()
    }

    /// Cuts a request, if it is one that is in flight.
    pub(super) fn cut(&mut self, slot: Slot) -> Option<End> {
        let Flight { task, .. } = self.flights.remove(&slot)?;
        let (id, tag) = (task.id, task.tag);
        let end = quiet::inside(|| task.cut(self.client));
        Some(end.unwrap_or_else(|| panicked(&id, tag)))
    }

    /// Cuts all of them.
    pub(super) fn cut_all(&mut self) -> Vec<Slot> {
        self.flights.drain().map(|(slot, _)| slot).collect()
    }
}
