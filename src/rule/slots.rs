//! What is made of a rule, kept from its first use on.

use std::sync::OnceLock;

use super::RuleIndex;

/// A place for each rule. It is a pointer wide: places for what most runs never make would be a megabyte of memory to
/// touch, which costs a hook more than anything it looks at.
pub struct Slots<T>(Box<[OnceLock<Box<T>>]>);

impl<T> Slots<T> {
    /// Returns places for so many rules.
    pub fn new(len: usize) -> Self {
        Slots((0..len).map(|_| OnceLock::new()).collect())
    }

    /// Returns how many rules there are places for.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what is kept for the rule, or makes it; `None` where there is no place for it.
    pub fn get(&self, index: RuleIndex, make: impl FnOnce() -> T) -> Option<&T> {
        let slot = self.0.get(index.at())?;
        Some(slot.get_or_init(|| Box::new(make())))
    }
}
