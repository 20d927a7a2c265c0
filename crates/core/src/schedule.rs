//! When the next check of each monitor is due.
//!
//! Every check has a fixed phase on absolute time: `phase = hash(id) mod interval`. Load is
//! therefore even, a restart changes nothing, and the sample's timestamp can be the *slot* rather
//! than the jittery instant at which the check happened to run (which is what makes history small).
//!
//! [`Schedule`] is a queue keyed by absolute due time. It has no clock: the caller passes `now`.
//! A check is either waiting in the queue or running, never both, so it cannot overlap itself.
//! Slots that could not be kept are skipped and counted, not queued up.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Microseconds in a millisecond: phases fall on whole milliseconds.
const MILLI: i64 = 1_000;
/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// A clock that runs back by more than this has been stepped, not slewed.
const STEP_BACK: i64 = SECOND;

/// How often a monitor is checked: whole seconds from 5 s to one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Interval(u32);

/// An interval outside the permitted range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interval_seconds must be {min} to {max}, got {got}", min = Interval::MIN, max = Interval::MAX)]
pub struct IntervalError {
    /// The value that was refused, in seconds.
    pub got: u32,
}

impl Interval {
    /// Shortest permitted interval in seconds.
    pub const MIN: u32 = 5;
    /// Longest permitted interval in seconds.
    pub const MAX: u32 = 86_400;

    /// An interval of `seconds`; refused outside [`Self::MIN`]..=[`Self::MAX`].
    pub fn from_seconds(seconds: u32) -> Result<Self, IntervalError> {
        if (Self::MIN..=Self::MAX).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(IntervalError { got: seconds })
        }
    }

    /// Length in seconds.
    #[must_use]
    pub fn seconds(self) -> u32 {
        self.0
    }

    /// Length in microseconds.
    #[must_use]
    pub fn micros(self) -> i64 {
        i64::from(self.0) * SECOND
    }
}

impl TryFrom<u32> for Interval {
    type Error = IntervalError;
    fn try_from(seconds: u32) -> Result<Self, IntervalError> {
        Self::from_seconds(seconds)
    }
}

impl From<Interval> for u32 {
    fn from(interval: Interval) -> u32 {
        interval.0
    }
}

/// The check's fixed offset inside its interval, in microseconds (always a whole millisecond).
///
/// The hash is part of the stored history's meaning: it must never change between releases.
#[must_use]
pub fn phase(id: Uuid, interval: Interval) -> i64 {
    let (high, low) = id.as_u64_pair();
    let hash = mix(mix(high) ^ low);
    let slots = u64::from(interval.0) * 1_000;
    // `slots` is at most 86,400,000, so the remainder fits.
    i64::try_from(hash % slots).unwrap_or(0) * MILLI
}

/// The first slot strictly after `after` (microseconds since the epoch).
#[must_use]
pub fn slot_after(id: Uuid, interval: Interval, after: i64) -> i64 {
    let phase = phase(id, interval);
    let step = interval.micros();
    let done = after.saturating_sub(phase).div_euclid(step);
    done.saturating_add(1)
        .saturating_mul(step)
        .saturating_add(phase)
}

/// The finaliser of SplitMix64: UUIDv7 ids made in one burst differ in few bits, this spreads them.
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A check that is to be started now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which check.
    pub id: Uuid,
    /// The slot it runs for: the timestamp of the sample.
    pub slot: Timestamp,
    /// How late it starts, in microseconds (0 when the clock stepped back).
    pub lag: i64,
}

/// When a finished check runs next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// At its next regular slot.
    Regular,
    /// After this many seconds, or at the regular slot if that comes first (soft state re-checks).
    RetryAfter(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Waiting,
    Running { slot: i64, again: bool },
}

#[derive(Debug, Clone)]
struct Entry {
    id: Uuid,
    interval: Interval,
    run: Run,
    /// Heap items of an older generation are stale and dropped when met.
    generation: u32,
    due: i64,
    skipped: u64,
}

/// Heap key: due time, then the entry it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    due: i64,
    entry: u32,
    generation: u32,
}

/// The queue of all checks, keyed by absolute due time. Every operation is O(log n).
#[derive(Debug, Default)]
pub struct Schedule {
    entries: Vec<Option<Entry>>,
    free: Vec<u32>,
    by_id: HashMap<Uuid, u32>,
    heap: BinaryHeap<Reverse<Key>>,
    high_water: i64,
    skipped: u64,
    steps: u64,
}

impl Schedule {
    /// An empty schedule.
    #[must_use]
    pub fn new() -> Self {
        Self {
            high_water: i64::MIN,
            ..Self::default()
        }
    }

    /// Number of checks, waiting or running.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is nothing to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Slots skipped by all checks since the start: the measure of overload.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How often the clock was seen to step backwards.
    #[must_use]
    pub fn clock_steps(&self) -> u64 {
        self.steps
    }

    /// Slots this check has missed since it was added; `None` when unknown.
    #[must_use]
    pub fn skipped_by(&self, id: Uuid) -> Option<u64> {
        self.entry(id).map(|e| e.skipped)
    }

    /// Whether this check is running now.
    #[must_use]
    pub fn is_running(&self, id: Uuid) -> bool {
        self.entry(id).is_some_and(|e| e.run != Run::Waiting)
    }

    /// Adds a check, or changes the interval of one that exists. A running check keeps running and
    /// takes the new interval when it finishes.
    pub fn set(&mut self, id: Uuid, interval: Interval, now: Timestamp) {
        let now = now.as_microsecond();
        if let Some(&index) = self.by_id.get(&id) {
            let Some(entry) = self.entries[index as usize].as_mut() else {
                return;
            };
            if entry.interval == interval {
                return;
            }
            entry.interval = interval;
            if entry.run == Run::Waiting {
                self.enqueue(index, slot_after(id, interval, now));
            }
            return;
        }
        let entry = Entry {
            id,
            interval,
            run: Run::Waiting,
            generation: 0,
            due: 0,
            skipped: 0,
        };
        let index = if let Some(index) = self.free.pop() {
            self.entries[index as usize] = Some(entry);
            index
        } else {
            self.entries.push(Some(entry));
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        };
        self.by_id.insert(id, index);
        self.enqueue(index, slot_after(id, interval, now));
    }

    /// Forgets a check. The result of a run still under way is then reported to nobody.
    pub fn remove(&mut self, id: Uuid) -> bool {
        let Some(index) = self.by_id.remove(&id) else {
            return false;
        };
        self.entries[index as usize] = None;
        self.free.push(index);
        self.compact();
        true
    }

    /// Makes a check due at once (somebody asks, or a child's failure wants its parent looked at).
    /// A running check is run once more right after it finishes.
    pub fn expedite(&mut self, id: Uuid, now: Timestamp) -> bool {
        let Some(&index) = self.by_id.get(&id) else {
            return false;
        };
        let Some(entry) = self.entries[index as usize].as_mut() else {
            return false;
        };
        match &mut entry.run {
            Run::Running { again, .. } => *again = true,
            Run::Waiting => self.enqueue(index, now.as_microsecond()),
        }
        true
    }

    /// The next instant at which something is due; `None` when nothing waits. Sleep at most a second
    /// towards it: a clock set back is noticed by [`Self::pop_due`], not by a sleeping caller.
    pub fn next_due(&mut self) -> Option<Timestamp> {
        while let Some(&Reverse(key)) = self.heap.peek() {
            if self.is_current(key) {
                return Timestamp::from_microsecond(key.due).ok();
            }
            self.heap.pop();
        }
        None
    }

    /// Takes the next check that is due at `now` and marks it running; `None` when none is.
    ///
    /// A check that is late by a whole interval or more is not run late: its lost slots are counted
    /// and it waits for its next regular slot. After a long sleep of the machine, or a clock that
    /// jumped ahead, the load therefore stays spread instead of arriving at once.
    pub fn pop_due(&mut self, now: Timestamp) -> Option<Due> {
        let now = now.as_microsecond();
        self.watch_clock(now);
        while let Some(&Reverse(key)) = self.heap.peek() {
            if key.due > now {
                return None;
            }
            self.heap.pop();
            if !self.is_current(key) {
                continue;
            }
            let Some(entry) = self.entries[key.entry as usize].as_mut() else {
                continue;
            };
            let step = entry.interval.micros();
            let lag = now - key.due;
            if lag >= step {
                let next = slot_after(entry.id, entry.interval, now);
                self.count_skipped(key.entry, slots_lost(key.due, next, step) + 1);
                self.enqueue(key.entry, next);
                continue;
            }
            entry.run = Run::Running {
                slot: key.due,
                again: false,
            };
            let Ok(slot) = Timestamp::from_microsecond(key.due) else {
                continue;
            };
            return Some(Due {
                id: entry.id,
                slot,
                lag,
            });
        }
        None
    }

    /// Reports that a run has ended and queues the next one. Slots that passed while it ran are
    /// counted as skipped. Unknown or removed checks are ignored.
    pub fn finish(&mut self, id: Uuid, now: Timestamp, next: Next) {
        let now = now.as_microsecond();
        let Some(&index) = self.by_id.get(&id) else {
            return;
        };
        let Some(entry) = self.entries[index as usize].as_mut() else {
            return;
        };
        let Run::Running { slot, again } = entry.run else {
            return;
        };
        entry.run = Run::Waiting;
        let regular = slot_after(id, entry.interval, now);
        let lost = slots_lost(slot, regular, entry.interval.micros());
        let due = match next {
            _ if again => now,
            Next::Regular => regular,
            Next::RetryAfter(seconds) => {
                regular.min(now.saturating_add(i64::from(seconds) * SECOND))
            }
        };
        self.count_skipped(index, lost);
        self.enqueue(index, due);
    }

    fn entry(&self, id: Uuid) -> Option<&Entry> {
        let index = *self.by_id.get(&id)?;
        self.entries.get(index as usize)?.as_ref()
    }

    fn is_current(&self, key: Key) -> bool {
        self.entries
            .get(key.entry as usize)
            .and_then(Option::as_ref)
            .is_some_and(|e| {
                e.generation == key.generation && e.run == Run::Waiting && e.due == key.due
            })
    }

    fn count_skipped(&mut self, index: u32, lost: u64) {
        if let Some(entry) = self.entries[index as usize].as_mut() {
            entry.skipped += lost;
            self.skipped += lost;
        }
    }

    fn enqueue(&mut self, index: u32, due: i64) {
        let Some(entry) = self.entries[index as usize].as_mut() else {
            return;
        };
        entry.generation = entry.generation.wrapping_add(1);
        entry.due = due;
        self.heap.push(Reverse(Key {
            due,
            entry: index,
            generation: entry.generation,
        }));
        self.compact();
    }

    /// Keeps stale heap items below the number of live ones.
    fn compact(&mut self) {
        if self.heap.len() > 2 * self.by_id.len() + 64 {
            self.rebuild();
        }
    }

    fn rebuild(&mut self) {
        let waiting = self
            .entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| {
                let entry = entry.as_ref().filter(|e| e.run == Run::Waiting)?;
                let entry_index = u32::try_from(index).ok()?;
                Some(Reverse(Key {
                    due: entry.due,
                    entry: entry_index,
                    generation: entry.generation,
                }))
            });
        self.heap = waiting.collect();
    }

    /// After the clock was set back, waiting checks would sleep until the old future: bring them
    /// back to their next slot. The high-water mark catches many small steps as well as one big one.
    fn watch_clock(&mut self, now: i64) {
        if now >= self.high_water {
            self.high_water = now;
            return;
        }
        if now.saturating_add(STEP_BACK) > self.high_water {
            return;
        }
        self.high_water = now;
        self.steps += 1;
        for entry in self.entries.iter_mut().flatten() {
            let next = slot_after(entry.id, entry.interval, now);
            match &mut entry.run {
                Run::Waiting => entry.due = entry.due.min(next),
                Run::Running { slot, .. } => *slot = (*slot).min(now),
            }
        }
        self.rebuild();
    }
}

/// Slots of one check strictly between `slot` and `next`. A retry between two regular slots loses
/// none: only whole intervals count.
fn slots_lost(slot: i64, next: i64, step: i64) -> u64 {
    u64::try_from((next - slot - 1).div_euclid(step)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
