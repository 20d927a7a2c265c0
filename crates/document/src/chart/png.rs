//! The chart as a bitmap, for programs that do not show SVG.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::{Chart, to_svg};
use crate::{DocumentError, Fonts};

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for file in crate::fonts::embedded_files() {
        fonts.load_font_source(fontdb::Source::Binary(Arc::new(file)));
    }
    Arc::new(fonts)
});

/// A PNG with `scale` pixels per chart unit (2.5 prints at about 260 dpi on the width of an A4 text), with its size in pixels.
///
/// # Errors
/// Only if the renderer refuses its own SVG.
pub fn to_png(chart: &Chart, scale: f32) -> Result<(Vec<u8>, u32, u32), DocumentError> {
    let chart = chart.map_text(|t| Fonts::embedded().show_missing(t));
    rasterise(&to_svg(&chart), scale, true)
}

/// An SVG of our own as PNG, on white or transparent, with its size in pixels.
pub(crate) fn rasterise(
    svg: &str,
    scale: f32,
    opaque: bool,
) -> Result<(Vec<u8>, u32, u32), DocumentError> {
    let options = Options {
        fontdb: Arc::clone(&FONTS),
        font_family: "Anlan Hei".into(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|e| DocumentError::renderer("png", e))?;
    let (width, height) = (
        (tree.size().width() * scale).ceil() as u32,
        (tree.size().height() * scale).ceil() as u32,
    );
    let mut picture = Pixmap::new(width, height)
        .ok_or_else(|| DocumentError::renderer("png", "no picture of this size"))?;
    if opaque {
        picture.fill(Color::WHITE);
    }
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut picture.as_mut(),
    );
    let png = picture
        .encode_png()
        .map_err(|e| DocumentError::renderer("png", e))?;
    Ok((png, width, height))
}
