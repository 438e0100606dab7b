//! Which thread this is, for calls that must not wait for themselves.

/// A number that no other thread has while this one lives. Not the thread's own handle, which std
/// makes for every thread that asks, the host's included.
pub(super) fn this_thread() -> usize {
    thread_local! {
        static HERE: u8 = const { 0 };
    }
    HERE.with(|here| std::ptr::from_ref(here) as usize)
}
