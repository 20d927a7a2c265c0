//! Samples that are not in a block file yet.

use std::collections::HashMap;

use crate::run::{Run, add_point};
use crate::value::{Point, Sample, SeriesId};

/// Samples in memory, by series; each series is a list of runs ordered by age.
#[derive(Debug, Default)]
pub(crate) struct Head {
    series: HashMap<SeriesId, Vec<Run>>,
    /// Samples held.
    pub samples: usize,
    /// First and last instant held.
    pub span: Option<(i64, i64)>,
    /// When the first sample came in, by the store's clock.
    pub born: i64,
    /// Youngest log segment that has some of these samples.
    pub segment: u64,
}

impl Head {
    pub fn add(&mut self, samples: &[Sample], now: i64) {
        if self.samples == 0 {
            self.born = now;
        }
        for s in samples {
            let runs = self.series.entry(s.series).or_default();
            if add_point(
                runs,
                Point {
                    at: s.at,
                    value: s.value,
                },
            ) {
                self.samples += 1;
            }
            let (first, last) = self.span.unwrap_or((s.at, s.at));
            self.span = Some((first.min(s.at), last.max(s.at)));
        }
    }

    pub fn runs(&self, id: SeriesId) -> &[Run] {
        self.series.get(&id).map_or(&[], Vec::as_slice)
    }

    pub fn ids(&self) -> Vec<SeriesId> {
        let mut ids: Vec<SeriesId> = self.series.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    pub fn overlaps(&self, from: i64, to: i64) -> bool {
        self.span
            .is_some_and(|(first, last)| first < to && from <= last)
    }
}
