//! Metric history: compressed chunks on disk, roll-ups and queries. Knows no HTTP.
