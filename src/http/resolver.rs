//! The resolver: answers are cached for a while, and a lookup never holds up a call.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use once_cell::race::OnceBox;

use super::error::{Error, Result};
use super::request_context::RequestContext;
use crate::block_start::BlockStart;
use crate::panic_guard;
use crate::per_process::PerProcess;
use crate::sys::{self, Interest, Notifier};

type Addresses = Arc<[IpAddr]>;

/// The answers, and when each was given.
type Answers = BTreeMap<String, (Addresses, Instant)>;

/// As long as libcurl keeps them.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// The stack that getaddrinfo and the modules behind it were seen to need, four times over.
const LOOKUP_STACK: usize = 256 * 1024;

/// The answers, readable without a lock, so that a forked child starts with those of its parent.
static KEPT: ArcSwapOption<Answers> = ArcSwapOption::const_empty();

// The compiler would leave out what nobody reads.
#[used]
static KEPT_BLOCK: BlockStart = BlockStart::new();

/// One thread a name, however many calls wait for it.
static UNDER_WAY: PerProcess<Mutex<BTreeMap<String, Arc<Lookup>>>> = PerProcess::new();

struct Lookup {
    done: Notifier,
    answer: OnceBox<std::result::Result<Addresses, String>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Lookup {
    /// Waits for the thread, which has given its answer and is at its end: a call leaves none.
    fn join(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take() {
            // It cannot have panicked: see `look_up`.
            let _ = thread.join();
        }
    }
}

/// The addresses of `host`, at least one.
pub(super) async fn resolve(host: &str, context: &RequestContext) -> Result<Addresses> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(Arc::new([address]));
    }
    if let Some(addresses) = kept(host) {
        return Ok(addresses);
    }
    context.step("looking up the host name");
    let lookup = join_or_start(host)?;
    // A descriptor of its own: one that drives many calls tells them apart by these.
    let done = lookup.done.try_clone();
    let done = done.map_err(|cause| Error::system("get a descriptor to look up a name", &cause))?;
    context.wait(&[Interest::Readable(done.descriptor())], None).await?;
    lookup.join();
    match lookup.answer.get() {
        Some(Ok(addresses)) if !addresses.is_empty() => Ok(Arc::clone(addresses)),
        Some(Err(cause)) => Err(failed(host, cause)),
        _ => Err(failed(host, "it has no address")),
    }
}

/// Drops the answer, since no address of it answers: the next call asks anew.
pub(super) fn forget(host: &str) {
    if kept(host).is_some() {
        change(|kept| drop(kept.remove(host)));
    }
}

fn failed(host: &str, cause: &str) -> Error {
    Error::Resolve { host: host.to_owned(), cause: cause.to_owned() }
}

fn kept(host: &str) -> Option<Addresses> {
    let kept = KEPT.load();
    let (addresses, since) = kept.as_ref()?.get(host)?;
    (since.elapsed() < KEPT_FOR).then(|| Arc::clone(addresses))
}

/// Keeps what was found out at `since`.
fn keep(host: &str, addresses: &Addresses, since: Instant) {
    change(|kept| {
        kept.retain(|_, (_, since)| since.elapsed() < KEPT_FOR);
        kept.insert(host.to_owned(), (Arc::clone(addresses), since));
    });
}

/// Replaces what is kept by a changed copy.
fn change(by: impl Fn(&mut Answers)) {
    KEPT.rcu(|kept| {
        let mut kept = kept.as_deref().cloned().unwrap_or_default();
        by(&mut kept);
        let kept = Arc::new(kept);
        KEPT_BLOCK.set(&kept);
        Some(kept)
    });
}

fn under_way() -> MutexGuard<'static, BTreeMap<String, Arc<Lookup>>> {
    let lookups = UNDER_WAY.get(|| Mutex::new(BTreeMap::new()));
    lookups.lock().unwrap_or_else(PoisonError::into_inner)
}

fn join_or_start(host: &str) -> Result<Arc<Lookup>> {
    let mut lookups = under_way();
    if let Some(lookup) = lookups.get(host) {
        return Ok(Arc::clone(lookup));
    }
    let done = Notifier::new()
        .map_err(|cause| Error::system("get a descriptor to look up a name", &cause))?;
    let lookup = Arc::new(Lookup { done, answer: OnceBox::new(), thread: Mutex::new(None) });
    let (name, result) = (host.to_owned(), Arc::clone(&lookup));
    let thread = sys::spawn("pictory-lookup", LOOKUP_STACK, move || look_up(&name, &result))
        .map_err(|cause| Error::system("start a thread to look up a name", &cause))?;
    // In time: the thread gives no answer before it has the lock that is held here.
    *lookup.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
    lookups.insert(host.to_owned(), Arc::clone(&lookup));
    Ok(lookup)
}

fn look_up(host: &str, lookup: &Lookup) {
    let found = panic_guard::inside(|| (host, 0).to_socket_addrs());
    let found = found.unwrap_or_else(|| Err(io::Error::other("the lookup panicked")));
    let answer = found.map(|found| found.map(|address| address.ip()).collect::<Addresses>());
    if let Ok(addresses) = &answer {
        keep(host, addresses, Instant::now());
    }
    // A call that comes now finds the answer that was kept.
    under_way().remove(host);
    lookup.answer.get_or_init(|| Box::new(answer.map_err(|cause| cause.to_string())));
    lookup.done.notify();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_a_while() {
        let addresses: Addresses = Arc::new([IpAddr::from([192, 0, 2, 1])]);
        let now = Instant::now();
        keep("kept.example", &addresses, now - Duration::from_secs(50));
        assert_eq!(kept("kept.example"), Some(Arc::clone(&addresses)));
        forget("kept.example");
        assert_eq!(kept("kept.example"), None);
        keep("kept.example", &addresses, now - KEPT_FOR);
        assert_eq!(kept("kept.example"), None);
    }
}
