//! Lists as xlsx: real numbers, dates and lengths of time, a frozen bold head, nothing that a spreadsheet would execute.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::civil::{Date, DateTime};
use rust_xlsxwriter::{
    Color, DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::error::DocumentError;
use crate::model::{Align, Block, Cell, Column, Document, Table};
use crate::palette::SHADE;
use crate::prepare::prepare;
use crate::text::{clean, width_em};
use crate::value::Value;

/// Rows of a sheet below its head; more go to a further sheet.
const ROWS_PER_SHEET: usize = 1_048_575;
/// Characters a cell may hold.
const MAX_CELL: usize = 32_767;
const MAX_COLUMNS: usize = 16_384;
/// Largest whole number a spreadsheet keeps exactly.
const MAX_EXACT: u64 = 1 << 53;
const CUT: &str = "…（超出单元格长度，已截断）";

/// A spreadsheet in the making.
pub struct Sheets {
    book: Workbook,
    names: HashSet<String>,
    formats: Formats,
    page_head: String,
    rows_per_sheet: usize,
}

struct Formats {
    head: Format,
    text: Format,
    quoted: Format,
    integer: Format,
    date: Format,
    datetime: Format,
    duration: Format,
    decimals: Vec<Format>,
    percents: Vec<Format>,
}

/// The widest column, in characters; longer texts go on below.
const WIDEST: f64 = 60.0;
/// Height of a line of text, and of the highest row a spreadsheet takes, in points.
const LINE: f64 = 15.0;
const HIGHEST: f64 = 409.0;
/// Characters of a text that can matter for width and height.
const SEEN: usize = 1_000;
/// Lines between cells.
const GRID: &str = "b4bac4";

fn colour(rgb: &str) -> Color {
    Color::RGB(u32::from_str_radix(rgb, 16).unwrap_or(0x00ff_ffff))
}

impl Formats {
    fn new() -> Self {
        let cell = || {
            Format::new()
                .set_align(FormatAlign::VerticalCenter)
                .set_border(FormatBorder::Thin)
                .set_border_color(colour(GRID))
                .set_font_name("宋体")
                .set_font_size(10.5)
        };
        let places = |n: usize| {
            if n == 0 {
                "0".to_owned()
            } else {
                format!("0.{}", "0".repeat(n))
            }
        };
        Self {
            head: cell()
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_text_wrap()
                .set_background_color(colour(SHADE)),
            text: cell().set_text_wrap(),
            quoted: cell().set_text_wrap().set_quote_prefix(),
            integer: cell().set_num_format("#,##0"),
            date: cell().set_num_format("yyyy-mm-dd"),
            datetime: cell().set_num_format("yyyy-mm-dd hh:mm"),
            duration: cell().set_num_format("[h]:mm:ss"),
            decimals: (0..=9).map(|n| cell().set_num_format(places(n))).collect(),
            percents: (0..=9)
                .map(|n| cell().set_num_format(format!("{}%", places(n))))
                .collect(),
        }
    }
}

impl Sheets {
    /// An empty spreadsheet. `title` and `created` become its properties; `mark` (user and time, R-367) stands in the page
    /// header of every sheet.
    #[must_use]
    pub fn new(title: &str, created: Option<DateTime>, mark: Option<&str>) -> Self {
        let mut book = Workbook::new();
        // A fixed date when none is given: the same list gives the same bytes.
        let created = created
            .filter(|t| (1900..=9999).contains(&t.year()))
            .unwrap_or(DateTime::constant(2000, 1, 1, 0, 0, 0, 0));
        book.set_properties(
            &DocProperties::new()
                .set_title(clean(title))
                .set_creation_datetime(&created),
        );
        Self {
            book,
            names: HashSet::new(),
            formats: Formats::new(),
            page_head: page_head(title, mark),
            rows_per_sheet: ROWS_PER_SHEET,
        }
    }

    /// Adds a list. `name` is made a lawful and unique sheet name; rows beyond what a sheet holds continue on further sheets.
    ///
    /// # Errors
    /// More columns than a sheet has.
    pub fn add(
        &mut self,
        name: &str,
        columns: &[Column],
        rows: impl IntoIterator<Item = Vec<Value>>,
    ) -> Result<(), DocumentError> {
        let plain = |row: Vec<Value>| Row {
            cells: row.into_iter().map(Cell::from).collect(),
            total: false,
        };
        self.add_rows(name, columns, rows.into_iter().map(plain))
    }

    fn add_rows(
        &mut self,
        name: &str,
        columns: &[Column],
        rows: impl Iterator<Item = Row>,
    ) -> Result<(), DocumentError> {
        if columns.is_empty() || columns.len() > MAX_COLUMNS {
            return Err(DocumentError::invalid(
                name,
                format!("{} columns, 1 to {MAX_COLUMNS} fit a sheet", columns.len()),
            ));
        }
        let mut rows = rows.peekable();
        loop {
            let name = unique_name(&mut self.names, name);
            let sheet = self.book.add_worksheet();
            set_up(sheet, &name, &self.page_head)
                .and_then(|()| {
                    fill(
                        sheet,
                        &self.formats,
                        columns,
                        rows.by_ref().take(self.rows_per_sheet),
                    )
                })
                .map_err(|e| DocumentError::renderer("xlsx", e))?;
            if rows.peek().is_none() {
                return Ok(());
            }
        }
    }

    /// The file.
    ///
    /// # Errors
    /// No sheet was added.
    pub fn finish(mut self) -> Result<Vec<u8>, DocumentError> {
        if self.names.is_empty() {
            return Err(DocumentError::invalid("workbook", "without a sheet"));
        }
        self.book
            .save_to_buffer()
            .map_err(|e| DocumentError::renderer("xlsx", e))
    }
}

/// All tables of a document, one sheet each, named by their captions.
///
/// # Errors
/// The document breaks a limit, or has no table.
pub fn render(document: &Document) -> Result<Vec<u8>, DocumentError> {
    let document = prepare(document)?;
    let mark = document
        .watermark
        .as_ref()
        .map(crate::model::Watermark::text);
    // Without the line ends that balance it on paper.
    let title = document.title.replace('\n', "");
    let mut sheets = Sheets::new(&title, document.footer.printed_at, mark.as_deref());
    let tables = document.blocks.iter().filter_map(|b| {
        if let Block::Table(t) = b {
            Some(t)
        } else {
            None
        }
    });
    for table in tables {
        let name = if table.caption.is_empty() {
            &title
        } else {
            &table.caption
        };
        sheets.add_rows(name, &table.columns, rows_of(table))?;
    }
    sheets.finish()
}

/// A row as it is written.
struct Row {
    cells: Vec<Cell>,
    /// It sums those above: bold, and no filter moves it.
    total: bool,
}

fn rows_of(table: &Table) -> impl Iterator<Item = Row> {
    let last = table.rows.len();
    (1..).zip(&table.rows).map(move |(n, row)| Row {
        cells: row.clone(),
        total: table.total && n == last,
    })
}

/// Title left, who took the copy right; at most 255 characters, where spreadsheets end.
fn page_head(title: &str, mark: Option<&str>) -> String {
    let part = |text: &str| utf16_prefix(&clean(text).replace('\n', " "), 60).replace('&', "&&");
    format!("&L{}&R{}", part(title), part(mark.unwrap_or_default()))
}

/// Name, print layout: A4 on its side, one page wide, head on every page.
fn set_up(sheet: &mut Worksheet, name: &str, page_head: &str) -> Result<(), XlsxError> {
    sheet
        .set_name(name)?
        .set_freeze_panes(1, 0)?
        .set_repeat_rows(0, 0)?;
    sheet
        .set_paper_size(9)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_footer("&L&A&R第 &P 页 / 共 &N 页");
    sheet.set_header(page_head);
    Ok(())
}

fn fill(
    sheet: &mut Worksheet,
    formats: &Formats,
    columns: &[Column],
    rows: impl Iterator<Item = Row>,
) -> Result<(), XlsxError> {
    let mut widths: Vec<f64> = columns.iter().map(|c| width_of(&c.title) + 2.0).collect();
    for (c, column) in (0_u16..).zip(columns) {
        sheet.write_string_with_format(0, c, cut(&clean(&column.title)), &formats.head)?;
    }
    let mut last = 0;
    for (r, row) in (1_u32..).zip(rows) {
        let mut lines: f64 = 1.0;
        for (c, (cell, column)) in (0_u16..).zip(row.cells.iter().zip(columns)) {
            let (width, text) = (&mut widths[usize::from(c)], shown(&cell.value));
            *width = width.max(width_of(&text) + 1.0);
            lines = lines.max(lines_of(&text));
            write_cell(sheet, formats, (r, c), &cell.value, |format| {
                dressed(format, cell, column, row.total)
            })?;
        }
        if lines > 1.0 {
            sheet.set_row_height(r, (lines * LINE).min(HIGHEST))?;
        }
        if !row.total {
            last = r;
        }
    }
    for (c, width) in (0_u16..).zip(&widths) {
        sheet.set_column_width(c, width.clamp(6.0, WIDEST))?;
    }
    if last > 0 {
        let right = u16::try_from(columns.len() - 1).unwrap_or(0);
        sheet.autofilter(0, 0, last, right)?;
    }
    Ok(())
}

/// The format of a value, with the colour of the cell, the alignment of its column, and bold in a sum.
fn dressed<'f>(format: &'f Format, cell: &Cell, column: &Column, total: bool) -> Cow<'f, Format> {
    let centred = column.align == Some(Align::Center);
    if cell.tone.is_none() && !centred && !total {
        return Cow::Borrowed(format);
    }
    let mut format = format.clone();
    if let Some(tone) = cell.tone {
        format = format.set_font_color(colour(tone.ink()));
    }
    if centred {
        format = format.set_align(FormatAlign::Center);
    }
    Cow::Owned(if total { format.set_bold() } else { format })
}

fn write_cell(
    sheet: &mut Worksheet,
    formats: &Formats,
    (r, c): (u32, u16),
    value: &Value,
    dress: impl Fn(&Format) -> Cow<'_, Format>,
) -> Result<(), XlsxError> {
    let excel_year = |d: Date| (1900..=9999).contains(&d.year());
    let places = |n: u8| usize::from(n.min(9));
    let number = match value {
        Value::Empty => return Ok(()),
        Value::Date(d) if excel_year(*d) => {
            return sheet
                .write_datetime_with_format(r, c, d, &dress(&formats.date))
                .map(drop);
        }
        Value::DateTime(t) if excel_year(t.date()) => {
            return sheet
                .write_datetime_with_format(r, c, t, &dress(&formats.datetime))
                .map(drop);
        }
        Value::Integer(n) if n.unsigned_abs() <= MAX_EXACT => (*n as f64, &formats.integer),
        // A spreadsheet cannot show a negative length of time.
        Value::Duration(s) if *s >= 0 => (*s as f64 / 86_400.0, &formats.duration),
        Value::Decimal(x, n) if x.is_finite() => (*x, &formats.decimals[places(*n)]),
        Value::Percent(x, n) if x.is_finite() => (*x, &formats.percents[places(*n)]),
        other => {
            let text = cut(&clean(&other.text()));
            // Never a formula, even after somebody edits the cell: the quote prefix marks it as text for good.
            let format = if text.starts_with(['=', '+', '-', '@']) {
                &formats.quoted
            } else {
                &formats.text
            };
            return sheet
                .write_string_with_format(r, c, text, &dress(format))
                .map(drop);
        }
    };
    sheet
        .write_number_with_format(r, c, number.0, &dress(number.1))
        .map(drop)
}

/// Lines that a text takes in the widest column. Only Excel reckons the height of a row when it opens it.
fn lines_of(text: &str) -> f64 {
    let lines = text.lines();
    lines
        .map(|line| (width_of(line) / (WIDEST - 2.0)).ceil().max(1.0))
        .sum()
}

/// The text as the spreadsheet shows it, for the width of the column and the height of the row.
fn shown(value: &Value) -> String {
    match value {
        Value::Date(_) => "2026-11-22".to_owned(),
        Value::DateTime(_) => "2026-11-22 14:30".to_owned(),
        Value::Duration(_) => "1000:00:00".to_owned(),
        Value::Text(text) => text.chars().take(SEEN).collect(),
        other => other.text(),
    }
}

/// Width of the longest line in columns of a digit, with room for the cell's edges.
fn width_of(text: &str) -> f64 {
    text.lines()
        .map(|line| width_em(line) * 2.0)
        .fold(0.0, f64::max)
        + 2.0
}

/// What a cell can hold; the cut is visible.
fn cut(text: &str) -> String {
    if text.encode_utf16().count() <= MAX_CELL {
        return text.to_owned();
    }
    utf16_prefix(text, MAX_CELL - CUT.encode_utf16().count()).to_owned() + CUT
}

/// The longest prefix of at most `limit` UTF-16 units, as spreadsheets count.
fn utf16_prefix(text: &str, limit: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > limit
    });
    end.map_or(text, |(i, _)| &text[..i])
}

/// A lawful sheet name: 31 characters, none of `[]:*?/\`, no quote at an end, not empty, not the reserved "History".
fn sheet_name(wanted: &str) -> String {
    let name: String = clean(wanted)
        .chars()
        .map(|c| {
            if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\n') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let name = utf16_prefix(name.trim(), 31).trim_matches('\'').trim();
    match name {
        "" => "列表".to_owned(),
        name if name.eq_ignore_ascii_case("history") => format!("{name}_"),
        name => name.to_owned(),
    }
}

/// A sheet name not used before; names differ not only in case.
fn unique_name(names: &mut HashSet<String>, wanted: &str) -> String {
    let base = sheet_name(wanted);
    let mut name = base.clone();
    let mut n = 2;
    while !names.insert(name.to_lowercase()) {
        let suffix = format!(" ({n})");
        name = utf16_prefix(&base, 31 - suffix.len()).trim_end().to_owned() + &suffix;
        n += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::Tone;
    use std::io::Read;

    fn part(file: &[u8], name: &str) -> String {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
        let mut text = String::new();
        archive
            .by_name(name)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    #[test]
    fn sheet_names_are_lawful_and_unique() {
        let mut names = HashSet::new();
        let mut next = |wanted: &str| unique_name(&mut names, wanted);
        assert_eq!(next("表1/事件[一级]"), "表1_事件_一级_");
        assert_eq!(next("List"), "List");
        assert_eq!(next("LIST"), "LIST (2)");
        assert_eq!(next("'"), "列表");
        assert_eq!(next("History"), "History_");
        assert_eq!(next(&"长".repeat(40)).chars().count(), 31);
        assert_eq!(next(&"长".repeat(40)).chars().count(), 31);
    }

    #[test]
    fn a_row_is_as_high_as_its_longest_text() {
        let mut sheets = Sheets::new("表", None, None);
        let rows = [
            vec![Value::from("短")],
            vec!["长".repeat(70).as_str().into()],
            vec!["一\n二\n三".into()],
            vec!["很长".repeat(2_000).as_str().into()],
        ];
        let columns = [Column::new("内容", 1.0)];
        sheets.add("表", &columns, rows).unwrap();
        let file = sheets.finish().unwrap();
        let sheet = part(&file, "xl/worksheets/sheet1.xml");
        let height = |row: u32| {
            let tag = sheet
                .split("<row ")
                .find(|tag| tag.starts_with(&format!("r=\"{row}\"")));
            let after = tag.unwrap().split_once("ht=\"")?.1;
            Some(after.split_once('"').unwrap().0.to_owned())
        };
        let heights = [2, 3, 4, 5].map(height);
        assert_eq!(
            heights,
            [
                None,
                Some("45".into()),
                Some("45".into()),
                Some("408.75".into())
            ]
        );
    }

    #[test]
    fn a_sum_is_bold_and_a_verdict_has_its_colour() {
        let columns = [
            Column::new("指标", 1.0),
            Column::new("状态", 1.0).centered(),
        ];
        let row = |total| Row {
            cells: vec!["响应".into(), Cell::toned("未达标", Tone::Red)],
            total,
        };
        let mut sheets = Sheets::new("表", None, None);
        let rows = [row(false), row(true)].into_iter();
        sheets.add_rows("表", &columns, rows).unwrap();
        let file = sheets.finish().unwrap();
        let styles = part(&file, "xl/styles.xml");
        assert!(styles.to_lowercase().contains("c0322b"), "{styles}");
        assert!(styles.contains("horizontal=\"center\""), "{styles}");
        // Sorting leaves the sum where it is.
        let sheet = part(&file, "xl/worksheets/sheet1.xml");
        assert!(sheet.contains("<autoFilter ref=\"A1:B2\""), "{sheet}");
    }

    #[test]
    fn formulas_stay_text_and_numbers_stay_numbers() {
        let columns: Vec<Column> = ["文字", "数", "率", "时长", "时间"]
            .map(|t| Column::new(t, 1.0))
            .into();
        let mut rows: Vec<Vec<Value>> = ["=1+1", "+A1", "-2", "@SUM(A1)", "\t=1"]
            .map(|t| vec![Value::from(t)])
            .into();
        let at = DateTime::constant(2026, 11, 22, 14, 30, 0, 0);
        rows.push(vec![
            "普通".into(),
            42.into(),
            Value::Percent(0.99861, 3),
            Value::Duration(5_400),
            at.into(),
        ]);
        rows.push(vec![
            Value::Empty,
            i64::MAX.into(),
            Value::Percent(f64::NAN, 1),
            Value::Duration(-60),
            Value::Empty,
        ]);
        let mut sheets = Sheets::new("清单", None, None);
        sheets.add("清单", &columns, rows).unwrap();
        let file = sheets.finish().unwrap();
        let sheet = part(&file, "xl/worksheets/sheet1.xml");
        assert!(!sheet.contains("<f>"), "no formula: {sheet}");
        assert!(
            sheet.contains("<v>42</v>")
                && sheet.contains("<v>0.99861</v>")
                && sheet.contains("<v>0.0625</v>")
                && sheet.contains("<v>46348.604"),
            "{sheet}"
        );
        let strings = part(&file, "xl/sharedStrings.xml");
        for text in [
            "=1+1",
            "+A1",
            "@SUM(A1)",
            "9,223,372,036,854,775,807",
            "-1分",
        ] {
            assert!(strings.contains(text), "{text} in {strings}");
        }
        assert!(part(&file, "xl/styles.xml").contains("quotePrefix=\"1\""));
        assert!(sheet.contains("state=\"frozen\""));
    }

    #[test]
    fn long_lists_continue_on_further_sheets() {
        let mut sheets = Sheets::new("清单", None, Some("王芳 A&B 2026-11-22 14:30"));
        sheets.rows_per_sheet = 10;
        sheets
            .add(
                "清单",
                &[Column::new("序号", 1.0)],
                (0..25).map(|i| vec![Value::Integer(i)]),
            )
            .unwrap();
        let file = sheets.finish().unwrap();
        assert!(part(&file, "xl/workbook.xml").contains("清单 (3)"));
        assert!(part(&file, "xl/worksheets/sheet3.xml").contains("<v>24</v>"));
        assert!(
            part(&file, "xl/worksheets/sheet1.xml").contains("王芳 A&amp;&amp;B 2026-11-22 14:30")
        );
    }

    #[test]
    fn an_empty_list_is_a_sheet_with_its_head_and_no_sheet_is_an_error() {
        let mut sheets = Sheets::new("清单", None, None);
        sheets
            .add("清单", &[Column::new("序号", 1.0)], Vec::new())
            .unwrap();
        assert!(part(&sheets.finish().unwrap(), "xl/sharedStrings.xml").contains("序号"));
        assert!(Sheets::new("", None, None).finish().is_err());
    }

    #[test]
    fn overlong_text_is_cut_visibly() {
        assert_eq!(
            cut(&"😀".repeat(40_000)).encode_utf16().count(),
            MAX_CELL - 1
        );
        assert!(cut(&"字".repeat(40_000)).ends_with(CUT));
    }
}
