//! Metric history: which series a metric is, and what charts ask of it.

use std::sync::Arc;

use anlan_probe::Outcome;
use anlan_series::{Sample, SeriesId, Store, Window};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::at::At;
use crate::platform::error::{Error, Result};

/// The series of one metric of one monitor: the same name always gives the same one.
#[must_use]
pub fn series(monitor: Uuid, metric: &str) -> SeriesId {
    let mut hasher = Sha256::new();
    hasher.update(monitor.as_bytes());
    hasher.update(metric.as_bytes());
    let digest = hasher.finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    SeriesId(u128::from_be_bytes(bytes))
}

/// The samples of one outcome, at its slot.
pub fn samples(monitor: Uuid, slot: At, outcome: &Outcome) -> Vec<Sample> {
    outcome
        .metrics()
        .into_iter()
        .map(|(metric, value)| Sample::new(series(monitor, metric), slot.0, value))
        .collect()
}

/// A metric's unit, by its name.
#[must_use]
pub fn unit(metric: &str) -> &'static str {
    match metric {
        name if name.ends_with("_ms") => "ms",
        "cert_days" => "d",
        "loss" => "%",
        name if name.starts_with("bytes") => "B",
        _ => "",
    }
}

/// One metric over time, as a chart takes it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Chart {
    /// Name of the metric.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// Width of a point in seconds.
    pub step_seconds: i64,
    /// `[milliseconds since 1970, average, smallest, largest]`, points without samples left out.
    #[schema(value_type = Vec<Vec<f64>>)]
    pub points: Vec<(i64, f64, f64, f64)>,
}

/// Reads a chart of about `points` points.
///
/// # Errors
/// When the range is empty, or the history is damaged.
pub async fn chart(
    store: &Arc<Store>,
    monitor: Uuid,
    metric: &str,
    from: At,
    to: At,
    points: i64,
) -> Result<Chart> {
    if to <= from {
        return Err(Error::field("to", "before_from"));
    }
    // Whole seconds, so that the same range asked again falls on the same points.
    let step = ((to.0 - from.0) / points.clamp(1, 2_000) / 1_000_000).max(1) * 1_000_000;
    let window = Window {
        from: from.0 / step * step,
        to: to.0,
        step,
    };
    let (store, id) = (Arc::clone(store), series(monitor, metric));
    let buckets = tokio::task::spawn_blocking(move || store.aggregate(id, window))
        .await
        .map_err(Error::internal)?
        .map_err(Error::storage)?;
    let slots = (0_i64..).map(|n| (window.from + n * step) / 1_000);
    let points = slots
        .zip(&buckets.stats)
        .filter_map(|(at, stats)| Some((at, stats.avg()?, stats.min, stats.max)));
    Ok(Chart {
        metric: metric.to_owned(),
        unit: unit(metric).to_owned(),
        step_seconds: step / 1_000_000,
        points: points.collect(),
    })
}
