//! Charts as SVG with one look for paper and print page, and as PNG for docx.

mod axes;
mod pie;
mod png;
mod scale;
mod svg;

use serde::{Deserialize, Serialize};

use crate::palette::Tone;

pub(crate) use png::rasterise;
pub use png::to_png;
pub use svg::to_svg;

/// A chart. Its title states the answer ("8月起平均解决时间下降"), not the axis names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The answer.
    pub title: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// Along the horizontal axis (months, levels), or the sectors of a pie.
    pub categories: Vec<String>,
    /// One or more; a pie shows the first.
    pub series: Vec<Series>,
    /// Unit of the values, printed at the axis.
    #[serde(default)]
    pub unit: String,
    /// A promised value.
    #[serde(default)]
    pub target: Option<Target>,
    /// Source and exclusions, beneath the chart.
    #[serde(default)]
    pub note: String,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Development over time.
    Line,
    /// Comparison.
    #[default]
    Bar,
    /// Parts of a whole over time.
    StackedBar,
    /// Parts of one whole.
    Pie,
}

/// The values of one thing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// In the legend.
    pub name: String,
    /// One per category; `None` is "not measured" and leaves a gap.
    pub values: Vec<Option<f64>>,
    /// A colour with a meaning, else the next free one.
    #[serde(default)]
    pub tone: Option<Tone>,
}

/// A promised value, drawn as a dashed line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// E.g. `目标 99.99%`.
    pub label: String,
    /// On the value axis.
    pub value: f64,
}

impl Series {
    /// A fully measured series.
    #[must_use]
    pub fn new(name: impl Into<String>, values: &[f64]) -> Self {
        Self {
            name: name.into(),
            values: values.iter().copied().map(Some).collect(),
            tone: None,
        }
    }

    /// The value of a category, if measured.
    fn at(&self, category: usize) -> Option<f64> {
        self.values.get(category).copied().flatten()
    }

    /// The same in a colour with a meaning.
    #[must_use]
    pub const fn toned(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}

impl Chart {
    /// The colour of a series.
    fn tone(&self, series: usize) -> Tone {
        self.series
            .get(series)
            .and_then(|s| s.tone)
            .unwrap_or(Tone::SERIES[series % Tone::SERIES.len()])
    }

    /// The same chart with every text changed.
    pub(crate) fn map_text(&self, change: impl Fn(&str) -> String) -> Self {
        let mut chart = self.clone();
        let lines = [&mut chart.title, &mut chart.unit, &mut chart.note];
        let names = chart.series.iter_mut().map(|s| &mut s.name);
        let target = chart.target.iter_mut().map(|t| &mut t.label);
        for text in lines
            .into_iter()
            .chain(&mut chart.categories)
            .chain(names)
            .chain(target)
        {
            *text = change(text);
        }
        chart
    }

    fn is_empty(&self) -> bool {
        !self
            .series
            .iter()
            .flat_map(|s| &s.values)
            .any(Option::is_some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_chart_is_well_formed(
            categories in proptest::collection::vec("\\PC{0,12}", 0..40),
            series in proptest::collection::vec(proptest::collection::vec(proptest::option::of(-1e12_f64..1e12), 0..40), 0..4),
            target in proptest::option::of(-1e6_f64..1e6),
            unit in "\\PC{0,4}",
        ) {
            for kind in [ChartKind::Line, ChartKind::Bar, ChartKind::StackedBar, ChartKind::Pie] {
                let series = series.iter().map(|v| Series { name: "<&>".into(), values: v.clone(), tone: None }).collect();
                let target = target.map(|value| Target { label: "]]>".into(), value });
                let chart = Chart { title: "\"'".into(), kind, categories: categories.clone(), series, unit: unit.clone(), target, note: String::new() };
                let svg = to_svg(&chart);
                prop_assert!(resvg::usvg::roxmltree::Document::parse(&svg).is_ok(), "{}", svg);
                prop_assert!(!svg.contains("NaN") && !svg.contains("inf"), "{}", svg);
            }
        }
    }
}
