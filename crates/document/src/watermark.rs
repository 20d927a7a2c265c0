//! Who took a copy, as a picture over the page. A picture, so that searching and copying the text stay clean.

use crate::error::DocumentError;
use crate::fonts::Fonts;
use crate::model::{Document, Watermark};
use crate::text::escape;

/// Pixels per millimetre.
const SCALE: f32 = 5.0;

/// The watermark as a transparent bitmap of the page.
pub(crate) fn png(mark: &Watermark, document: &Document) -> Result<Vec<u8>, DocumentError> {
    let (width, height) = document.page_size_mm();
    let text = escape(&Fonts::embedded().show_missing(&mark.text()));
    let mut marks = String::new();
    for row in 0..6 {
        for column in 0..5 {
            let (x, y) = (
                f64::from(column) * 78.0 - 20.0 + f64::from(row % 2) * 30.0,
                f64::from(row) * 62.0 + 30.0,
            );
            marks += &format!(
                "<text x=\"{x}\" y=\"{y}\" font-size=\"5.3\" fill=\"#000000\" fill-opacity=\"0.09\" transform=\"rotate(-28 {x} {y})\">{text}</text>"
            );
        }
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" font-family=\"Anlan Song\">{marks}</svg>"
    );
    crate::chart::rasterise(&svg, SCALE, false).map(|(png, ..)| png)
}
