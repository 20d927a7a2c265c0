//! Chance that can be thrown again.

use std::time::SystemTime;

/// A small generator: the same seed, the same run as far as the machine allows.
pub struct Dice(u64);

impl Dice {
    /// With the seed of `ANLAN_FAULT_SEED`, or one of its own that is printed.
    pub fn new() -> Self {
        let chosen = std::env::var("ANLAN_FAULT_SEED").ok();
        let seed = chosen
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(|| {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
                let now = now.expect("a time after 1970").as_nanos();
                u64::try_from(now & u128::from(u64::MAX >> 1)).expect("63 bits") | 1
            });
        println!("ANLAN_FAULT_SEED={seed} repeats this run");
        Self(seed)
    }

    /// Another one, for somebody who throws by himself.
    pub fn another(&mut self) -> Self {
        Self(self.below(u64::MAX - 1) | 1)
    }

    pub const fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    /// Bytes that no compression makes shorter.
    pub fn noise(&mut self, length: usize) -> Vec<u8> {
        (0..length)
            .map(|_| self.below(256).to_le_bytes()[0])
            .collect()
    }
}
