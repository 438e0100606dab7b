//! Values that are found by a small number, without the spare half of a vector that has grown.

use std::collections::TryReserveError;

/// The index of a value.
pub(super) type Slot = u32;

/// The values of one allocation.
const CHUNK: usize = 64;

#[derive(Debug)]
pub(super) struct Slab<T> {
    chunks: Vec<Box<[Option<T>]>>,
    free: Vec<Slot>,
}

impl<T> Default for Slab<T> {
    fn default() -> Slab<T> {
        Slab { chunks: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slab<T> {
    /// Makes room for another value, if there is none.
    pub(super) fn reserve(&mut self) -> Result<(), TryReserveError> {
        if self.free.is_empty() {
            let slots = self.chunks.len() * CHUNK;
            let mut chunk = Vec::new();
            chunk.try_reserve_exact(CHUNK)?;
            chunk.resize_with(CHUNK, || None);
            self.chunks.try_reserve(1)?;
            // For all of them, so that none is removed without room for its slot.
            self.free.try_reserve(slots + CHUNK)?;
            self.chunks.push(chunk.into_boxed_slice());
            self.free.extend((slots as Slot..(slots + CHUNK) as Slot).rev());
        }
        Ok(())
    }

    /// Puts a value into room that was reserved.
    pub(super) fn insert(&mut self, value: T) -> Slot {
        let slot = self.free.pop().unwrap_or_default();
        if let Some(entry) = self.entry(slot) {
            *entry = Some(value);
        }
        slot
    }

    pub(super) fn remove(&mut self, slot: Slot) -> Option<T> {
        let value = self.entry(slot)?.take()?;
        self.free.push(slot);
        Some(value)
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&T> {
        self.chunks.get(slot as usize / CHUNK)?.get(slot as usize % CHUNK)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut T> {
        self.entry(slot)?.as_mut()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Slot, &T)> {
        let entries = (0..).zip(self.chunks.iter().flatten());
        entries.filter_map(|(slot, entry)| Some((slot, entry.as_ref()?)))
    }

    fn entry(&mut self, slot: Slot) -> Option<&mut Option<T>> {
        self.chunks.get_mut(slot as usize / CHUNK)?.get_mut(slot as usize % CHUNK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_until_it_is_removed_and_its_slot_is_used_again() {
        let mut slab = Slab::default();
        let insert = |value| {
            slab.reserve().unwrap();
            slab.insert(value)
        };
        let slots: Vec<Slot> = (0..200).map(insert).collect();
        assert!(slots.iter().zip(0..).all(|(slot, value)| slab.get(*slot) == Some(&value)));
        assert_eq!(slab.iter().count(), 200);
        assert_eq!((slab.remove(slots[70]), slab.remove(slots[70])), (Some(70), None));
        assert_eq!(slab.get(slots[70]), None);
        assert_eq!(slab.insert(7), slots[70]);
        *slab.get_mut(slots[70]).unwrap() += 1;
        assert_eq!(slab.get(slots[70]), Some(&8));
        assert_eq!(slab.get(4000), None);
    }
}
