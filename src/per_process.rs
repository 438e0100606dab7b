//! State that a forked child must not share with its parent.

use std::sync::Arc;

use once_cell::race::OnceBox;

use crate::sys;

/// A value for each process, made when the process first asks. Lock-free, so that a child never
/// waits for a thread that it does not have. What the parent had is neither used nor dropped in
/// the child: another thread may have been in the middle of changing it.
#[derive(Debug)]
pub(crate) struct PerProcess<T>(OnceBox<Node<T>>);

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

    /// The value of this process.
    pub(crate) fn get(&self, make: impl Fn() -> T) -> &Arc<T> {
        let generation = sys::generation();
        let mut place = &self.0;
        loop {
            let node = place.get_or_init(|| {
                Box::new(Node { generation, value: Arc::new(make()), next: OnceBox::new() })
            });
            if node.generation == generation {
                return &node.value;
            }
            place = &node.next;
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
