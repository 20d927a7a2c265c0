//! Checks a document against the limits and makes it safe to print, once for all renderers.

use crate::chart::Chart;
use crate::error::DocumentError;
use crate::grid::{Content, Grid, Role, UNITS};
use crate::model::{Block, Column, Document, Image, ImageFormat, Table};
use crate::paper::Paper;
use crate::text::{balance, clean};
use crate::value::Value;

/// Longest single text, in characters.
const MAX_TEXT: usize = 100_000;
/// Longest name, label or heading, in characters.
const MAX_LINE: usize = 300;
/// All texts together.
const MAX_TOTAL: usize = 8_000_000;
/// Rows of one table; longer lists belong in a spreadsheet.
const MAX_ROWS: usize = 10_000;
const MAX_COLUMNS: usize = 40;
const MAX_BLOCKS: usize = 5_000;
/// Charts and images together.
pub(crate) const MAX_PICTURES: usize = 300;
const MAX_SERIES: usize = 12;
const MAX_POINTS: usize = 2_000;
const MAX_IMAGE_BYTES: usize = 20 * 1024 * 1024;
const MAX_IMAGE_SIDE: u32 = 12_000;
const MAX_IMAGE_PIXELS: usize = 50_000_000;
/// A head repeats on every page and cannot be broken.
const TALL_HEAD: &str = "the head is too long for its width";

type Result<T = ()> = std::result::Result<T, DocumentError>;

/// The document with every text cleaned ([`clean`]), headings numbered and everything checked.
///
/// # Errors
/// [`DocumentError::TooLarge`] and [`DocumentError::Invalid`], naming the place.
pub fn prepare(document: &Document) -> Result<Document> {
    let mut out = document.clone();
    let mut texts = Texts::default();
    limit("blocks", out.blocks.len(), MAX_BLOCKS, "blocks")?;
    for (name, text) in [
        ("subtitle", &mut out.subtitle),
        ("header.project", &mut out.header.project),
        ("header.customer", &mut out.header.customer),
        ("header.provider", &mut out.header.provider),
        ("footer.printed_by", &mut out.footer.printed_by),
        ("footer.version", &mut out.footer.version),
    ] {
        texts.line(name, text)?;
    }
    limit("title", out.title.chars().count(), MAX_LINE, "characters")?;
    texts.text("title", &mut out.title)?;
    // 小初 on a cover, 二号 above a form.
    let points = if out.cover.is_some() { 26.0 } else { 22.0 };
    out.title = balance(&out.title, out.text_width_mm() / 25.4 * 72.0 / points);
    if let Some(number) = &mut out.number {
        texts.line("number", number)?;
    }
    if let Some(mark) = &mut out.watermark {
        texts.line("watermark.user", &mut mark.user)?;
    }
    if let Some(cover) = &mut out.cover {
        texts.line("cover.organisation", &mut cover.organisation)?;
        for (i, (label, text)) in cover.lines.iter_mut().enumerate() {
            texts.line(&format!("cover.lines[{i}]"), label)?;
            texts.line(&format!("cover.lines[{i}]"), text)?;
        }
    }
    check_margins(&out)?;
    let paper = Paper::of(&out);
    let mut pictures = 0;
    let mut numbering = Numbering::default();
    for (i, block) in out.blocks.iter_mut().enumerate() {
        let place = format!("blocks[{i}]");
        pictures += usize::from(matches!(block, Block::Chart(_) | Block::Image(_)));
        prepare_block(block, &place, &mut texts, &mut numbering, paper)?;
    }
    limit("blocks", pictures, MAX_PICTURES, "charts and images")?;
    Ok(out)
}

fn check_margins(document: &Document) -> Result {
    let m = document.page_margins();
    let (width, height) = document.page_size_mm();
    let each = [m.top, m.bottom, m.left, m.right]
        .into_iter()
        .all(|x| x.is_finite() && x >= 0.0);
    if !each || m.left + m.right > width - 60.0 || m.top + m.bottom > height - 80.0 {
        return Err(DocumentError::invalid(
            "margins",
            "leave less than 60 mm × 80 mm for the text",
        ));
    }
    Ok(())
}

fn prepare_block(
    block: &mut Block,
    place: &str,
    texts: &mut Texts,
    numbering: &mut Numbering,
    paper: Paper,
) -> Result {
    match block {
        Block::Heading { level, text, plain } => {
            if !(1..=4).contains(level) {
                return Err(DocumentError::invalid(
                    place,
                    format!("heading level {level}, 1 to 4 allowed"),
                ));
            }
            texts.line(place, text)?;
            if !*plain {
                *text = numbering.next(*level) + text;
                *plain = true;
            }
        }
        Block::Paragraph(p) => {
            for (i, run) in p.runs.iter_mut().enumerate() {
                texts.text(&format!("{place}.runs[{i}]"), &mut run.text)?;
            }
        }
        Block::List { items, .. } => {
            limit(place, items.len(), MAX_ROWS, "items")?;
            for (i, item) in items.iter_mut().enumerate() {
                texts.text(&format!("{place}.items[{i}]"), item)?;
            }
        }
        Block::Grid(grid) => prepare_grid(grid, place, texts, paper)?,
        Block::Table(table) => prepare_table(table, place, texts, paper)?,
        Block::Figures { items } => {
            if items.is_empty() || items.len() > 6 {
                return Err(DocumentError::invalid(
                    place,
                    format!("{} figures, 1 to 6 allowed", items.len()),
                ));
            }
            for item in items {
                texts.line(place, &mut item.label)?;
                texts.line(place, &mut item.note)?;
                texts.value(place, &mut item.value)?;
            }
        }
        Block::Chart(chart) => prepare_chart(chart, place, texts)?,
        Block::Note { text, .. } => texts.text(place, text)?,
        Block::Signatures { parties } => {
            if parties.is_empty() || parties.len() > 3 {
                return Err(DocumentError::invalid(
                    place,
                    format!(
                        "{} parties, 1 to 3 fit beside each other with 40 mm for a seal",
                        parties.len()
                    ),
                ));
            }
            for party in parties {
                for text in [&mut party.role, &mut party.organisation, &mut party.opinion] {
                    texts.text(place, text)?;
                }
                if let Some(name) = &mut party.signed_by {
                    texts.line(place, name)?;
                }
            }
        }
        Block::Image(image) => {
            texts.line(place, &mut image.caption)?;
            check_image(image, place)?;
        }
        Block::Toc { depth } => *depth = (*depth).clamp(1, 4),
        Block::PageBreak => {}
    }
    Ok(())
}

fn prepare_grid(grid: &mut Grid, place: &str, texts: &mut Texts, paper: Paper) -> Result {
    limit(place, grid.rows.len(), MAX_ROWS, "rows")?;
    for (r, row) in grid.rows.iter_mut().enumerate() {
        let place = format!("{place}.rows[{r}]");
        let units: usize = row.cells.iter().map(|c| usize::from(c.units)).sum();
        if units != usize::from(UNITS) || row.cells.iter().any(|c| c.units == 0) {
            return Err(DocumentError::invalid(
                place,
                format!("cells are {units} units wide together, must be {UNITS}"),
            ));
        }
        let most = paper.highest_row_mm();
        if !(0.0..=most).contains(&row.min_height_mm) {
            let reason =
                format!("min_height_mm must be 0 to {most}, or the page cannot hold the row");
            return Err(DocumentError::invalid(place, reason));
        }
        for cell in &mut row.cells {
            match &mut cell.content {
                Content::Value { value } => texts.value(&place, value)?,
                Content::Choice(choice) => {
                    for mark in &mut choice.options {
                        texts.line(&place, &mut mark.label)?;
                        for text in [&mut mark.ask, &mut mark.note].into_iter().flatten() {
                            texts.line(&place, text)?;
                        }
                    }
                }
                Content::Sign(sign) => {
                    texts.line(&place, &mut sign.label)?;
                    if let Some(name) = &mut sign.name {
                        texts.line(&place, name)?;
                    }
                }
            }
            if matches!(cell.role, Role::Head | Role::Section) && !paper.cell_fits(cell) {
                return Err(DocumentError::invalid(place, TALL_HEAD));
            }
        }
    }
    Ok(())
}

fn prepare_table(table: &mut Table, place: &str, texts: &mut Texts, paper: Paper) -> Result {
    texts.line(place, &mut table.caption)?;
    limit(place, table.columns.len(), MAX_COLUMNS, "columns")?;
    limit(place, table.rows.len(), MAX_ROWS, "rows")?;
    if table.columns.is_empty() {
        return Err(DocumentError::invalid(place, "a table needs a column"));
    }
    for (c, column) in table.columns.iter_mut().enumerate() {
        texts.line(&format!("{place}.columns[{c}]"), &mut column.title)?;
        if !(column.width.is_finite() && column.width > 0.0 && column.width <= 1_000.0) {
            return Err(DocumentError::invalid(
                format!("{place}.columns[{c}]"),
                "width must be more than 0",
            ));
        }
    }
    let total: f64 = table.columns.iter().map(|c| c.width).sum();
    let tall = |c: &&Column| !paper.fits(&c.title, paper.width_mm * c.width / total);
    if let Some(column) = table.columns.iter().find(tall) {
        return Err(DocumentError::invalid(
            format!("{place}, {}", column.title),
            TALL_HEAD,
        ));
    }
    for (r, row) in table.rows.iter_mut().enumerate() {
        if row.len() != table.columns.len() {
            let reason = format!(
                "{} cells in a table of {} columns",
                row.len(),
                table.columns.len()
            );
            return Err(DocumentError::invalid(format!("{place}.rows[{r}]"), reason));
        }
        for (c, cell) in row.iter_mut().enumerate() {
            texts.value(&format!("{place}.rows[{r}][{c}]"), &mut cell.value)?;
        }
    }
    Ok(())
}

fn prepare_chart(chart: &mut Chart, place: &str, texts: &mut Texts) -> Result {
    for text in [&mut chart.title, &mut chart.unit, &mut chart.note] {
        texts.line(place, text)?;
    }
    limit(place, chart.series.len(), MAX_SERIES, "series")?;
    limit(place, chart.categories.len(), MAX_POINTS, "points")?;
    for category in &mut chart.categories {
        texts.line(place, category)?;
    }
    if let Some(target) = &mut chart.target {
        texts.line(place, &mut target.label)?;
        finite(place, target.value)?;
    }
    for (s, series) in chart.series.iter_mut().enumerate() {
        let place = format!("{place}.series[{s}]");
        texts.line(&place, &mut series.name)?;
        if series.values.len() != chart.categories.len() {
            let reason = format!(
                "{} values for {} categories",
                series.values.len(),
                chart.categories.len()
            );
            return Err(DocumentError::invalid(place, reason));
        }
        series
            .values
            .iter()
            .flatten()
            .try_for_each(|v| finite(&place, *v))?;
    }
    Ok(())
}

fn check_image(image: &Image, place: &str) -> Result {
    limit(place, image.bytes.len(), MAX_IMAGE_BYTES, "bytes of image")?;
    if image.width_mm == 0 {
        return Err(DocumentError::invalid(
            place,
            "width_mm must be more than 0",
        ));
    }
    let (width, height) = dimensions(image, place)?;
    if width == 0 || height == 0 {
        return Err(DocumentError::invalid(place, "an image without a pixel"));
    }
    limit(
        place,
        width.max(height) as usize,
        MAX_IMAGE_SIDE as usize,
        "pixels a side",
    )?;
    limit(
        place,
        width as usize * height as usize,
        MAX_IMAGE_PIXELS,
        "pixels",
    )
}

/// Width and height in pixels, from the head of the file.
pub(crate) fn dimensions(image: &Image, place: &str) -> Result<(u32, u32)> {
    let format = match image.format {
        ImageFormat::Png => image::ImageFormat::Png,
        ImageFormat::Jpeg => image::ImageFormat::Jpeg,
    };
    image::ImageReader::with_format(std::io::Cursor::new(&image.bytes), format)
        .into_dimensions()
        .map_err(|e| DocumentError::invalid(place, format!("not a readable image: {e}")))
}

fn finite(place: &str, x: f64) -> Result {
    if x.is_finite() && x.abs() < 1e15 {
        Ok(())
    } else {
        Err(DocumentError::invalid(place, "a number that is not finite"))
    }
}

fn limit(place: &str, actual: usize, limit: usize, unit: &'static str) -> Result {
    if actual <= limit {
        Ok(())
    } else {
        Err(DocumentError::TooLarge {
            place: place.to_owned(),
            actual,
            limit,
            unit,
        })
    }
}

/// Cleans texts and counts them.
#[derive(Default)]
struct Texts {
    total: usize,
}

impl Texts {
    fn text(&mut self, place: &str, text: &mut String) -> Result {
        let length = text.chars().count();
        limit(place, length, MAX_TEXT, "characters")?;
        self.total += length;
        limit("document", self.total, MAX_TOTAL, "characters")?;
        *text = clean(text);
        Ok(())
    }

    fn line(&mut self, place: &str, text: &mut String) -> Result {
        limit(
            place,
            text.chars().count(),
            MAX_LINE,
            "characters in one line",
        )?;
        self.text(place, text)?;
        if text.contains('\n') {
            *text = text.replace('\n', " ");
        }
        Ok(())
    }

    fn value(&mut self, place: &str, value: &mut Value) -> Result {
        match value {
            Value::Text(text) => self.text(place, text),
            Value::Decimal(x, _) | Value::Percent(x, _) => finite(place, *x),
            _ => Ok(()),
        }
    }
}

/// Counts headings: 一、 （一） 1. （1）.
#[derive(Default)]
struct Numbering {
    counts: [usize; 4],
}

impl Numbering {
    fn next(&mut self, level: u8) -> String {
        let index = usize::from(level.clamp(1, 4)) - 1;
        self.counts[index] += 1;
        self.counts[index + 1..].fill(0);
        let n = self.counts[index];
        match index {
            0 => format!("{}、", chinese(n)),
            1 => format!("（{}）", chinese(n)),
            2 => format!("{n}. "),
            _ => format!("（{n}）"),
        }
    }
}

/// 1 to 99 in Chinese numerals, Arabic beyond.
fn chinese(n: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match n {
        1..=9 => DIGITS[n].to_owned(),
        10..=19 => format!("十{}", DIGITS[n - 10]),
        20..=99 => format!("{}十{}", DIGITS[n / 10], DIGITS[n % 10]),
        _ => n.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Cell;

    #[test]
    fn headings_are_numbered_the_official_way() {
        let mut document = Document::report("月报");
        for level in [1, 2, 2, 3, 4, 1, 2] {
            document.blocks.push(Block::heading(level, "标题"));
        }
        let texts: Vec<String> = prepare(&document)
            .unwrap()
            .blocks
            .into_iter()
            .map(|b| match b {
                Block::Heading { text, .. } => text,
                _ => String::new(),
            })
            .collect();
        assert_eq!(
            texts,
            [
                "一、标题",
                "（一）标题",
                "（二）标题",
                "1. 标题",
                "（1）标题",
                "二、标题",
                "（一）标题"
            ]
        );
        assert_eq!(
            [
                chinese(10),
                chinese(11),
                chinese(20),
                chinese(35),
                chinese(100)
            ],
            ["十", "十一", "二十", "三十五", "100"]
        );
    }

    #[test]
    fn preparing_twice_changes_nothing() {
        let mut document = Document::report("月报");
        document.blocks.push(Block::heading(1, "概况"));
        let once = prepare(&document).unwrap();
        assert_eq!(prepare(&once).unwrap(), once);
    }

    #[test]
    fn errors_name_the_place() {
        let mut document = Document::report("月报");
        let rows = vec![vec![Cell::from("a")], vec![]];
        document.blocks.push(Block::Table(Table {
            columns: vec![Column::new("列", 1.0)],
            rows,
            ..Table::default()
        }));
        assert_eq!(
            prepare(&document).unwrap_err().to_string(),
            "blocks[0].rows[1]: 0 cells in a table of 1 columns"
        );

        document.blocks = vec![Block::paragraph("字".repeat(MAX_TEXT + 1))];
        assert_eq!(
            prepare(&document).unwrap_err().to_string(),
            "blocks[0].runs[0]: 100001 characters, at most 100000 allowed"
        );

        let image = Image {
            bytes: b"GIF89a".to_vec(),
            format: ImageFormat::Png,
            width_mm: 10,
            caption: String::new(),
        };
        document.blocks = vec![Block::Image(image)];
        assert!(
            prepare(&document)
                .unwrap_err()
                .to_string()
                .starts_with("blocks[0]: not a readable image")
        );
    }
}
