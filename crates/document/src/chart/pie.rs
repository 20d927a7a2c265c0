//! Parts of one whole, with a legend that carries the numbers.

use std::f64::consts::TAU;

use super::svg::{Anchor, Canvas, PIE_HEIGHT};
use super::{Chart, scale};
use crate::palette::{MUTED, Tone};
use crate::text::shorten;

/// More sectors than this cannot be told apart.
const MOST: usize = 8;
const INK: &str = "24292f";

pub(super) fn draw(chart: &Chart, canvas: &mut Canvas) {
    let parts = parts_of(chart);
    let total: f64 = parts.iter().map(|p| p.1).sum();
    if total <= 0.0 {
        canvas.text(
            320.0,
            PIE_HEIGHT / 2.0,
            "本期无数据",
            Anchor::Middle,
            13.0,
            MUTED,
        );
        return;
    }
    let (cx, cy, radius) = (150.0, PIE_HEIGHT / 2.0, PIE_HEIGHT / 2.0 - 12.0);
    let mut angle = 0.0;
    let row = (PIE_HEIGHT - 20.0) / parts.len().max(6) as f64;
    let first = cy - row * (parts.len() as f64 - 1.0) / 2.0;
    for (i, (name, value)) in parts.iter().enumerate() {
        let share = value / total;
        let colour = colour(i);
        canvas.path(&sector(cx, cy, radius, angle, share), &colour);
        if share > 0.05 {
            let middle = (angle + share / 2.0) * TAU;
            let (x, y) = (
                cx + radius * 0.72 * middle.sin(),
                cy - radius * 0.72 * middle.cos(),
            );
            canvas.text(
                x,
                y + 4.0,
                &format!("{:.0}%", share * 100.0),
                Anchor::Middle,
                11.0,
                "ffffff",
            );
        }
        let y = first + row * i as f64;
        canvas.rect(310.0, y - 6.0, 11.0, 11.0, &colour);
        canvas.text(
            330.0,
            y + 4.0,
            &shorten(name, 14.0),
            Anchor::Start,
            12.0,
            INK,
        );
        canvas.text(
            555.0,
            y + 4.0,
            &format!("{}{}", scale::short(*value), chart.unit),
            Anchor::End,
            12.0,
            INK,
        );
        canvas.text(
            620.0,
            y + 4.0,
            &format!("{:.1}%", share * 100.0),
            Anchor::End,
            12.0,
            MUTED,
        );
        angle += share;
    }
}

/// The positive values, largest first; what is beyond [`MOST`] becomes 其他.
fn parts_of(chart: &Chart) -> Vec<(String, f64)> {
    let Some(series) = chart.series.first() else {
        return Vec::new();
    };
    let mut parts: Vec<(String, f64)> = chart
        .categories
        .iter()
        .cloned()
        .zip(&series.values)
        .filter_map(|(name, v)| v.filter(|v| *v > 0.0).map(|v| (name, v)))
        .collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    if parts.len() > MOST {
        let rest = parts.split_off(MOST - 1).iter().map(|p| p.1).sum();
        parts.push(("其他".to_owned(), rest));
    }
    parts
}

/// Six colours, then the darker inks of the first ones.
fn colour(i: usize) -> String {
    let tone = Tone::SERIES[i % Tone::SERIES.len()];
    if i < Tone::SERIES.len() {
        tone.fill().to_owned()
    } else {
        tone.ink().to_owned()
    }
}

fn sector(cx: f64, cy: f64, r: f64, from: f64, share: f64) -> String {
    if share > 0.999_9 {
        let (top, bottom) = (cy - r, cy + r);
        return format!(
            "M{cx} {top:.1}A{r:.1} {r:.1} 0 0 1 {cx} {bottom:.1}A{r:.1} {r:.1} 0 0 1 {cx} {top:.1}Z"
        );
    }
    let point = |turn: f64| (cx + r * (turn * TAU).sin(), cy - r * (turn * TAU).cos());
    let ((x1, y1), (x2, y2)) = (point(from), point(from + share));
    let large = i32::from(share > 0.5);
    format!("M{cx:.1} {cy:.1}L{x1:.2} {y1:.2}A{r:.1} {r:.1} 0 {large} 1 {x2:.2} {y2:.2}Z")
}
