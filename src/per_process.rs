//! Per-process state: a forked child must not share it with its parent.

use std::sync::Arc;

use once_cell::race::OnceBox;

use crate::sys;

/// A lazily made value for each process. Lock-free, so that a child never waits for a thread that
/// it does not have. A child neither uses nor drops its parent's value, which another thread may
/// have been changing at the fork.
#[derive(Debug)]
pub(crate) struct PerProcess<T>(OnceBox<Node<T>>);

/// The value of one process, in a list with those of its parents before it.
#[derive(Debug)]
struct Node<T> {
    generation: u32,
    value: Arc<T>,
    next: OnceBox<Node<T>>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> PerProcess<T> {
        PerProcess(OnceBox::new())
    }

    /// The value of this process, made on first use.
    pub(crate) fn get(&self, make: impl Fn() -> T) -> &Arc<T> {
        let generation = sys::generation();
        let mut next = &self.0;
        loop {
            let node = next.get_or_init(|| {
                Box::new(Node { generation, value: Arc::new(make()), next: OnceBox::new() })
            });
            if node.generation == generation {
                return &node.value;
            }
            next = &node.next;
        }
    }
}

impl<T> Drop for Node<T> {
    fn drop(&mut self) {
        if self.generation != sys::generation() {
            std::mem::forget(Arc::clone(&self.value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_value_and_drops_it() {
        let value = Arc::new(());
        let state = PerProcess::new();
        let first = Arc::as_ptr(state.get(|| Arc::clone(&value)));
        assert_eq!(Arc::as_ptr(state.get(|| Arc::clone(&value))), first);
        assert_eq!(Arc::strong_count(&value), 2);
        drop(state);
        assert_eq!(Arc::strong_count(&value), 1);
    }
}
