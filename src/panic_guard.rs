//! The panic guard: a panic in this library is caught, and prints nothing on the host's stderr.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// Whether this thread runs the library's code, and not a callback of the host's.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Resets `INSIDE` on drop, also while a panic unwinds.
struct Restore(bool);

impl Drop for Restore {
    fn drop(&mut self) {
        INSIDE.set(self.0);
    }
}

/// Runs the library's own code, and catches its panics: `None` if it panicked.
pub(crate) fn inside<T>(work: impl FnOnce() -> T) -> Option<T> {
    let _restore = Restore(INSIDE.replace(true));
    // Unwind-safe, since nothing that a panic left half done is used again: callers report it.
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Runs a callback of the host's, whose panics print as the host wants them to.
pub(crate) fn outside<T>(callback: impl FnOnce() -> T) -> T {
    let _restore = Restore(INSIDE.replace(false));
    callback()
}

/// Installs a panic hook that is silent about panics inside the library, and passes all others on
/// to the hook before it. For the C skin alone: a Rust program that uses the crate keeps its own
/// hook.
pub(crate) fn install() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.load(Ordering::Relaxed) || INSTALLED.swap(true, Ordering::Relaxed) {
        return;
    }
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !INSIDE.get() {
            before(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_is_caught_and_the_flag_comes_back() {
        install();
        assert_eq!(inside(|| 1), Some(1));
        assert_eq!(inside(|| -> i32 { panic!("a test's own") }), None);
        assert!(!INSIDE.get());
        inside(|| {
            outside(|| assert!(!INSIDE.get()));
            assert!(INSIDE.get());
        });
    }
}
