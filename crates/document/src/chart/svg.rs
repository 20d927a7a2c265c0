//! The chart as an SVG picture: a title states its answer above it, outside the picture.

use std::fmt::Write as _;

use super::{Chart, ChartKind, axes, pie};
use crate::palette::MUTED;
use crate::text::escape;

/// Width of every chart in its own units (printed over the width of the text).
pub(crate) const WIDTH: f64 = 640.0;
/// Height of a chart with axes.
pub(crate) const HEIGHT: f64 = 264.0;
/// Height of a pie.
pub(crate) const PIE_HEIGHT: f64 = 216.0;
/// Height of a chart without a value.
const EMPTY_HEIGHT: f64 = 64.0;

/// Typefaces: the embedded one for paper, the usual Chinese ones for the browser.
const FAMILY: &str =
    "'Anlan Hei', 'Anlan Song', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', sans-serif";

/// Height of the chart in units of its width of 640.
pub(crate) fn height(chart: &Chart) -> f64 {
    match chart.kind {
        _ if chart.is_empty() => EMPTY_HEIGHT,
        ChartKind::Pie => PIE_HEIGHT,
        _ => HEIGHT,
    }
}

/// The chart as SVG, without its title. The caller passes a prepared chart ([`crate::prepare()`]).
#[must_use]
pub fn to_svg(chart: &Chart) -> String {
    let mut canvas = Canvas::new(WIDTH, height(chart));
    if chart.is_empty() {
        canvas.text(
            WIDTH / 2.0,
            height(chart) / 2.0,
            "本期无数据",
            Anchor::Middle,
            13.0,
            MUTED,
        );
    } else if chart.kind == ChartKind::Pie {
        pie::draw(chart, &mut canvas);
    } else {
        axes::draw(chart, &mut canvas);
    }
    canvas.finish(&chart.title)
}

/// Where a text hangs on its point.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// Collects SVG elements; every text is escaped here and nowhere else.
pub(super) struct Canvas {
    body: String,
    width: f64,
    height: f64,
}

impl Canvas {
    fn new(width: f64, height: f64) -> Self {
        Self {
            body: String::new(),
            width,
            height,
        }
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(element);
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64, dash: &str) {
        self.push(format_args!(
            "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"#{colour}\" stroke-width=\"{width}\"{}/>",
            from.0, from.1, to.0, to.1, dashed(dash)
        ));
    }

    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        self.push(format_args!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"#{colour}\"/>"));
    }

    pub fn polyline(&mut self, points: &[(f64, f64)], colour: &str, dash: &str) {
        let list = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect::<Vec<_>>()
            .join(" ");
        self.push(format_args!(
            "<polyline points=\"{list}\" fill=\"none\" stroke=\"#{colour}\" stroke-width=\"2\" stroke-linejoin=\"round\"{}/>",
            dashed(dash)
        ));
    }

    pub fn path(&mut self, d: &str, fill: &str) {
        self.push(format_args!(
            "<path d=\"{d}\" fill=\"#{fill}\" stroke=\"#ffffff\" stroke-width=\"1.5\"/>"
        ));
    }

    /// A point; the shape tells the series apart without colour.
    pub fn marker(&mut self, x: f64, y: f64, shape: usize, colour: &str) {
        match shape % 4 {
            0 => self.push(format_args!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"#{colour}\"/>"
            )),
            1 => self.push(format_args!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"5.6\" height=\"5.6\" fill=\"#{colour}\"/>",
                x - 2.8,
                y - 2.8
            )),
            2 => self.push(format_args!(
                "<path d=\"M{x:.1} {:.1}l3.6 6.4h-7.2z\" fill=\"#{colour}\"/>",
                y - 4.0
            )),
            _ => self.push(format_args!(
                "<path d=\"M{x:.1} {:.1}l4 4-4 4-4-4z\" fill=\"#{colour}\"/>",
                y - 4.0
            )),
        }
    }

    pub fn text(&mut self, x: f64, y: f64, text: &str, anchor: Anchor, size: f64, colour: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.push(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" text-anchor=\"{anchor}\" fill=\"#{colour}\">{}</text>",
            escape(text)
        ));
    }

    /// A number beside a line, on a white halo that keeps it readable.
    pub fn label(&mut self, x: f64, y: f64, text: &str, colour: &str) {
        self.push(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"11\" text-anchor=\"middle\" fill=\"#{colour}\" stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
            escape(text)
        ));
    }

    fn finish(self, title: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" font-family=\"{FAMILY}\"><title>{}</title>{}</svg>",
            escape(title),
            self.body,
            w = self.width,
            h = self.height,
        )
    }
}

fn dashed(dash: &str) -> String {
    if dash.is_empty() {
        String::new()
    } else {
        format!(" stroke-dasharray=\"{dash}\"")
    }
}
