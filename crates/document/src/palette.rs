//! The product's colours on paper: the same meaning as on screen, dark enough to print, never the only sign of it.

use serde::{Deserialize, Serialize};

/// A colour with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Normal, kept.
    Green,
    /// 预警; also the neutral first colour of a chart.
    Blue,
    /// Due soon, below target.
    Amber,
    /// 告警, breached.
    Red,
    /// Unknown, excluded.
    Grey,
    /// Maintenance.
    Violet,
}

impl Tone {
    /// The order in which chart series without a tone of their own take colours.
    pub const SERIES: [Self; 6] = [
        Self::Blue,
        Self::Green,
        Self::Amber,
        Self::Violet,
        Self::Grey,
        Self::Red,
    ];

    /// Colour of lines, areas and text, as `rrggbb`; at least 4.5 : 1 on white except amber areas.
    #[must_use]
    pub const fn ink(self) -> &'static str {
        match self {
            Self::Green => "2e7d4f",
            Self::Blue => "2563b8",
            Self::Amber => "b26a00",
            Self::Red => "c0322b",
            Self::Grey => "6b7280",
            Self::Violet => "6d4bb5",
        }
    }

    /// Colour of chart areas (bars, sectors), as `rrggbb`.
    #[must_use]
    pub const fn fill(self) -> &'static str {
        match self {
            Self::Green => "4ca172",
            Self::Blue => "4a84d4",
            Self::Amber => "e0a03c",
            Self::Red => "d9605a",
            Self::Grey => "a9b0ba",
            Self::Violet => "9379cf",
        }
    }

    /// Background of a note, as `rrggbb`.
    #[must_use]
    pub const fn wash(self) -> &'static str {
        match self {
            Self::Green => "eef7f1",
            Self::Blue => "eef4fc",
            Self::Amber => "fdf5e6",
            Self::Red => "fcefee",
            Self::Grey => "f4f5f7",
            Self::Violet => "f4f0fb",
        }
    }
}

/// Text colour of captions and axis labels.
pub const MUTED: &str = "555b66";
/// Background of label cells and table heads: light enough for a photocopier.
pub const SHADE: &str = "f2f3f5";
/// Grid lines of charts.
pub const RULE: &str = "d9dce1";
