//! Lines and bars on a value axis.

use super::scale::Scale;
use super::svg::{Anchor, Canvas, HEIGHT, WIDTH};
use super::{Chart, ChartKind};
use crate::palette::{MUTED, RULE, Tone};
use crate::text::{shorten, width_em};

const SMALL: f64 = 11.0;
const INK: &str = "24292f";
/// Dashes tell lines apart in a black-and-white copy.
const DASHES: [&str; 4] = ["", "7 3", "2 3", "9 3 2 3"];

/// The rectangle between the axes.
struct Plot {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    scale: Scale,
}

impl Plot {
    fn y(&self, value: f64) -> f64 {
        self.bottom - self.scale.position(value) * (self.bottom - self.top)
    }

    /// Width of one category.
    fn slot(&self, chart: &Chart) -> f64 {
        (self.right - self.left) / chart.categories.len().max(1) as f64
    }

    fn center(&self, chart: &Chart, category: usize) -> f64 {
        self.left + self.slot(chart) * (category as f64 + 0.5)
    }
}

pub(super) fn draw(chart: &Chart, canvas: &mut Canvas) {
    let scale = scale_of(chart);
    let widest = scale
        .ticks()
        .iter()
        .map(|t| width_em(&scale.label(*t)))
        .fold(0.0, f64::max);
    let legend = chart.series.len() > 1 || chart.kind == ChartKind::StackedBar;
    let top = if legend || !chart.unit.is_empty() {
        42.0
    } else {
        18.0
    };
    let target_room = chart
        .target
        .as_ref()
        .map_or(0.0, |t| width_em(&t.label) * SMALL + 6.0)
        .min(120.0);
    let plot = Plot {
        left: widest * SMALL + 14.0,
        right: WIDTH - 10.0 - target_room,
        top,
        bottom: HEIGHT - 26.0,
        scale,
    };
    draw_axis(chart, &plot, canvas);
    if legend {
        draw_legend(chart, &plot, canvas);
    }
    match chart.kind {
        ChartKind::Line => draw_lines(chart, &plot, canvas),
        ChartKind::StackedBar => draw_stacks(chart, &plot, canvas),
        ChartKind::Bar | ChartKind::Pie => draw_bars(chart, &plot, canvas),
    }
    draw_target(chart, &plot, canvas);
}

fn scale_of(chart: &Chart) -> Scale {
    let known = || {
        chart
            .series
            .iter()
            .flat_map(|s| &s.values)
            .flatten()
            .copied()
    };
    let whole = known().all(|v| v.fract() == 0.0);
    let mut values: Vec<f64> = if chart.kind == ChartKind::StackedBar {
        let sum = |i| {
            chart
                .series
                .iter()
                .filter_map(|s| s.at(i))
                .map(|v: f64| v.max(0.0))
                .sum()
        };
        (0..chart.categories.len()).map(sum).collect()
    } else {
        known().collect()
    };
    values.extend(chart.target.as_ref().map(|t| t.value));
    let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(min, max), v| {
        (min.min(*v), max.max(*v))
    });
    Scale::covering(min, max, chart.kind != ChartKind::Line, whole, &chart.unit)
}

fn draw_axis(chart: &Chart, plot: &Plot, canvas: &mut Canvas) {
    for tick in plot.scale.ticks() {
        let y = plot.y(tick);
        // The line bars stand on: zero, or the foot of an axis that leaves zero out.
        let base = (tick - plot.scale.low.max(0.0)).abs() < plot.scale.step * 1e-6;
        canvas.line(
            (plot.left, y),
            (plot.right, y),
            if base { MUTED } else { RULE },
            if base { 1.0 } else { 0.7 },
            "",
        );
        canvas.text(
            plot.left - 6.0,
            y + 4.0,
            &plot.scale.label(tick),
            Anchor::End,
            SMALL,
            MUTED,
        );
    }
    if !chart.unit.is_empty() {
        let cut = if plot.scale.is_cut() {
            "（纵轴不从0起）"
        } else {
            ""
        };
        canvas.text(
            4.0,
            14.0,
            &format!("单位：{}{cut}", chart.unit),
            Anchor::Start,
            SMALL,
            MUTED,
        );
    }
    let slot = plot.slot(chart);
    let longest = chart
        .categories
        .iter()
        .map(|c| width_em(c))
        .fold(0.0, f64::max)
        .min(9.0)
        * SMALL
        + 6.0;
    let every = (longest / slot).ceil().max(1.0) as usize;
    for (i, category) in chart
        .categories
        .iter()
        .enumerate()
        .filter(|(i, _)| i % every == 0)
    {
        let room = (slot * every as f64 - 4.0) / SMALL;
        canvas.text(
            plot.center(chart, i),
            plot.bottom + 17.0,
            &shorten(category, room.max(2.0)),
            Anchor::Middle,
            SMALL,
            INK,
        );
    }
}

fn draw_legend(chart: &Chart, plot: &Plot, canvas: &mut Canvas) {
    let names: Vec<String> = chart
        .series
        .iter()
        .map(|s| shorten(&s.name, 10.0))
        .collect();
    let width: f64 = names.iter().map(|n| width_em(n) * SMALL + 34.0).sum();
    let mut x = (plot.right - width + 14.0).max(130.0);
    for (i, name) in names.iter().enumerate() {
        let tone = chart.tone(i);
        if chart.kind == ChartKind::Line {
            canvas.line((x, 10.0), (x + 16.0, 10.0), tone.ink(), 2.0, DASHES[i % 4]);
            canvas.marker(x + 8.0, 10.0, i, tone.ink());
        } else {
            canvas.rect(x + 4.0, 5.0, 10.0, 10.0, tone.fill());
        }
        canvas.text(x + 20.0, 14.0, name, Anchor::Start, SMALL, INK);
        x += width_em(name) * SMALL + 34.0;
    }
}

fn draw_lines(chart: &Chart, plot: &Plot, canvas: &mut Canvas) {
    let dense = chart.categories.len() > 40;
    for (s, series) in chart.series.iter().enumerate() {
        let colour = chart.tone(s).ink();
        let points: Vec<Option<(f64, f64)>> = series
            .values
            .iter()
            .enumerate()
            .map(|(i, v)| v.map(|v| (plot.center(chart, i), plot.y(v))))
            .collect();
        for piece in points.split(Option::is_none) {
            let piece: Vec<(f64, f64)> = piece.iter().flatten().copied().collect();
            canvas.polyline(&piece, colour, DASHES[s % 4]);
            if !dense || piece.len() == 1 {
                piece
                    .iter()
                    .for_each(|(x, y)| canvas.marker(*x, *y, s, colour));
            }
        }
        if chart.series.len() == 1 {
            label_line(chart, &series.values, plot, colour, canvas);
        }
    }
}

/// Numbers at every point if there is room, else at the lowest and the last.
fn label_line(
    chart: &Chart,
    values: &[Option<f64>],
    plot: &Plot,
    colour: &str,
    canvas: &mut Canvas,
) {
    let known: Vec<(usize, f64)> = values
        .iter()
        .enumerate()
        .filter_map(|(i, v)| v.map(|v| (i, v)))
        .collect();
    let lowest = known.iter().min_by(|a, b| a.1.total_cmp(&b.1)).map(|p| p.0);
    let roomy = plot.slot(chart) > 44.0;
    for (i, v) in &known {
        let last = known.last().is_some_and(|p| p.0 == *i);
        if roomy || last || lowest == Some(*i) {
            canvas.label(
                plot.center(chart, *i),
                plot.y(*v) - 8.0,
                &plot.scale.value(*v),
                colour,
            );
        }
    }
}

fn draw_bars(chart: &Chart, plot: &Plot, canvas: &mut Canvas) {
    let slot = plot.slot(chart);
    let count = chart.series.len().max(1) as f64;
    let width = (slot * 0.68 / count).min(36.0);
    // A label must not reach its neighbour's.
    let room = if count > 1.0 { width + 2.0 } else { slot };
    let labelled = chart
        .series
        .iter()
        .flat_map(|s| &s.values)
        .flatten()
        .all(|v| width_em(&plot.scale.value(*v)) * SMALL < room);
    for (s, series) in chart.series.iter().enumerate() {
        let offset = (s as f64 - (count - 1.0) / 2.0) * width;
        for (i, value) in series.values.iter().enumerate() {
            let Some(value) = *value else { continue };
            let x = plot.center(chart, i) + offset;
            let (top, base) = (plot.y(value.max(0.0)), plot.y(value.min(0.0)));
            canvas.rect(
                x - width / 2.0,
                top,
                (width - 1.5).max(0.5),
                base - top,
                chart.tone(s).fill(),
            );
            let label = plot.scale.value(value);
            if labelled {
                let y = if value < 0.0 { base + 12.0 } else { top - 4.0 };
                canvas.text(x - 0.7, y, &label, Anchor::Middle, SMALL, INK);
            }
        }
    }
}

fn draw_stacks(chart: &Chart, plot: &Plot, canvas: &mut Canvas) {
    let slot = plot.slot(chart);
    let width = (slot * 0.62).min(48.0);
    for i in 0..chart.categories.len() {
        let x = plot.center(chart, i) - width / 2.0;
        let mut sum = 0.0;
        for (s, series) in chart.series.iter().enumerate() {
            let value = series.at(i).unwrap_or(0.0).max(0.0);
            if value == 0.0 {
                continue;
            }
            let (top, base) = (plot.y(sum + value), plot.y(sum));
            canvas.rect(x, top, width, base - top, chart.tone(s).fill());
            canvas.line((x, top), (x + width, top), "ffffff", 1.0, "");
            if base - top > 13.0 && width > 18.0 {
                canvas.text(
                    x + width / 2.0,
                    f64::midpoint(top, base) + 4.0,
                    &plot.scale.value(value),
                    Anchor::Middle,
                    SMALL,
                    "ffffff",
                );
            }
            sum += value;
        }
        if sum > 0.0 && width_em(&plot.scale.value(sum)) * SMALL < slot {
            canvas.text(
                x + width / 2.0,
                plot.y(sum) - 4.0,
                &plot.scale.value(sum),
                Anchor::Middle,
                SMALL,
                INK,
            );
        }
    }
}

fn draw_target(chart: &Chart, plot: &Plot, canvas: &mut Canvas) {
    if let Some(target) = &chart.target {
        let y = plot.y(target.value);
        canvas.line((plot.left, y), (plot.right, y), Tone::Red.ink(), 1.3, "6 4");
        canvas.text(
            plot.right + 5.0,
            y + 4.0,
            &shorten(&target.label, 10.0),
            Anchor::Start,
            SMALL,
            Tone::Red.ink(),
        );
    }
}
