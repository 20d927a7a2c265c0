//! Tables: form grids, data tables, figures, signatures, the lines of a cover.

use super::xml::{Look, SEAM, justify, paragraph, run, twips};
use crate::grid::{BLANK_DATE, Content, Grid, GridCell, GridRow, Mark, Role, Sign, UNITS};
use crate::model::{Align, Figure, Party, Table};
use crate::palette::{MUTED, SHADE, Tone};
use crate::paper::{Paper, SEAL_ROOM_MM, SIGNATURE_HEIGHT_MM, begins_at_top, cell_align};
use crate::value::Value;

/// Thickness of rules in eighths of a point.
const THICK: u8 = 8;
const THIN: u8 = 4;

/// Twips above and below the text of a cell.
const ROOM: u8 = 60;
/// The same in a form, which is to stand on two pages in any office program.
const FORM_ROOM: u8 = 32;

/// A table of fixed column widths (twips) and finished rows; a border of 0 is none.
fn table(widths: &[i64], outer: u8, inner: u8, room: u8, rows: &str) -> String {
    let line = |side: &str, size: u8| match size {
        0 => format!("<w:{side} w:val=\"nil\"/>"),
        _ => {
            format!("<w:{side} w:val=\"single\" w:sz=\"{size}\" w:space=\"0\" w:color=\"000000\"/>")
        }
    };
    let outside = ["top", "left", "bottom", "right"]
        .map(|s| line(s, outer))
        .concat();
    let inside = line("insideH", inner) + &line("insideV", inner);
    let margin = |side: &str, w: u8| format!("<w:{side} w:w=\"{w}\" w:type=\"dxa\"/>");
    let margins =
        margin("top", room) + &margin("left", 80) + &margin("bottom", room) + &margin("right", 80);
    let grid: String = widths
        .iter()
        .map(|w| format!("<w:gridCol w:w=\"{w}\"/>"))
        .collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/>\
         <w:tblBorders>{outside}{inside}</w:tblBorders><w:tblLayout w:type=\"fixed\"/>\
         <w:tblCellMar>{margins}</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>",
        widths.iter().sum::<i64>()
    )
}

/// Splits a width so that the parts add up exactly.
fn shares(width_mm: f64, weights: &[f64]) -> Vec<i64> {
    let total: f64 = weights.iter().sum();
    let (mut done, mut edge) = (0.0, 0);
    let mut share = |w: &f64| {
        done += w;
        let begin = std::mem::replace(&mut edge, twips(width_mm * done / total));
        edge - begin
    };
    weights.iter().map(&mut share).collect()
}

/// How a row behaves at the end of a page.
#[derive(Clone, Copy, Default)]
struct Row {
    height_mm: f64,
    splits: bool,
    head: bool,
}

impl Row {
    fn xml(self, cells: &str) -> String {
        let whole = if self.splits { "" } else { "<w:cantSplit/>" };
        let head = if self.head { "<w:tblHeader/>" } else { "" };
        let height = match twips(self.height_mm) {
            0 => String::new(),
            h => format!("<w:trHeight w:val=\"{h}\" w:hRule=\"atLeast\"/>"),
        };
        format!("<w:tr><w:trPr>{whole}{height}{head}</w:trPr>{cells}</w:tr>")
    }
}

/// How a cell is drawn.
#[derive(Clone, Copy)]
struct Frame {
    span: usize,
    shaded: bool,
    vertical: &'static str,
    borders: &'static str,
}

impl Frame {
    const PLAIN: Self = Self {
        span: 1,
        shaded: false,
        vertical: "center",
        borders: "",
    };

    fn xml(self, width: i64, paragraphs: &str) -> String {
        let span = if self.span > 1 {
            format!("<w:gridSpan w:val=\"{}\"/>", self.span)
        } else {
            String::new()
        };
        let shade = if self.shaded {
            format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{SHADE}\"/>")
        } else {
            String::new()
        };
        let borders = if self.borders.is_empty() {
            String::new()
        } else {
            format!("<w:tcBorders>{}</w:tcBorders>", self.borders)
        };
        format!(
            "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{span}{borders}{shade}<w:vAlign w:val=\"{}\"/></w:tcPr>{paragraphs}</w:tc>",
            self.vertical
        )
    }
}

/// A form grid; an embedded list is a table of its own, for only a table's first rows can repeat.
pub(super) fn grid(grid: &Grid, paper: Paper) -> String {
    let units = shares(paper.width_mm, &[1.0; UNITS as usize]);
    let part = |rows: &[GridRow], heads: usize| -> String {
        let rows: String = rows
            .iter()
            .enumerate()
            .map(|(i, r)| grid_row(r, i < heads, &units, paper))
            .collect();
        table(&units, THICK, THIN, FORM_ROOM, &rows)
    };
    grid.segments()
        .map(|s| part(s.rows, s.heads))
        .collect::<Vec<_>>()
        .join(SEAM)
}

fn grid_row(row: &GridRow, head: bool, units: &[i64], paper: Paper) -> String {
    let mut at = 0;
    let mut cells = String::new();
    for cell in &row.cells {
        let span = usize::from(cell.units);
        let width = units.iter().skip(at).take(span).sum();
        at += span;
        cells += &grid_cell(cell, row, span, width);
    }
    let splits = !paper.grid_row_whole(row);
    Row {
        height_mm: row.min_height_mm,
        splits,
        head,
    }
    .xml(&cells)
}

fn grid_cell(cell: &GridCell, row: &GridRow, span: usize, width: i64) -> String {
    let named = cell.role != Role::Value;
    let look = if named { Look::HEI } else { Look::PLAIN };
    let keep = if row.keep_with_next {
        "<w:keepNext/>"
    } else {
        ""
    };
    let properties = format!("{keep}{}", justify(cell_align(cell)));
    let text = |t: &str| paragraph("Cell", &properties, &run(t, look));
    let inside = match &cell.content {
        Content::Value { value } => text(&value.text()),
        Content::Choice(choice) => paragraph(
            "Cell",
            &properties,
            &choice
                .options
                .iter()
                .map(mark)
                .collect::<Vec<_>>()
                .join(&run("  ", look)),
        ),
        Content::Sign(sign) => sign_paragraphs(sign, row.min_height_mm, width),
    };
    let top = begins_at_top(cell, row);
    Frame {
        span,
        shaded: named,
        vertical: if top { "top" } else { "center" },
        borders: "",
    }
    .xml(width, &inside)
}

/// The box in the Chinese face whatever stands beside it, or some programs take the Latin one's small square.
fn mark(mark: &Mark) -> String {
    let text = mark.text();
    let (tick, label) = text.split_at('□'.len_utf8());
    run(tick, Look::BOX) + &run(label, Look::PLAIN)
}

/// The label at the top, the signature line at the bottom of the room.
fn sign_paragraphs(sign: &Sign, height_mm: f64, width: i64) -> String {
    let seal = if sign.seal { "（盖章）" } else { "" };
    let gap = twips((height_mm - 16.0).max(4.0));
    let name = run(
        &format!("签字：{}", sign.name.as_deref().unwrap_or_default()),
        Look::PLAIN,
    );
    let date = run(&format!("日期：{}", sign.date_text()), Look::PLAIN);
    let below = format!(
        "<w:tabs><w:tab w:val=\"right\" w:pos=\"{}\"/></w:tabs><w:spacing w:before=\"{gap}\"/>",
        width - 160
    );
    paragraph(
        "Cell",
        "",
        &run(&format!("{}{seal}", sign.label), Look::PLAIN),
    ) + &paragraph("Cell", &below, &format!("{name}<w:r><w:tab/></w:r>{date}"))
}

/// A data table with a head that repeats.
pub(super) fn data_table(data: &Table, paper: Paper) -> String {
    let widths = shares(
        paper.width_mm,
        &data.columns.iter().map(|c| c.width).collect::<Vec<_>>(),
    );
    let centered = format!("<w:keepNext/>{}", justify(Align::Center));
    let shaded = Frame {
        shaded: true,
        ..Frame::PLAIN
    };
    let head: String = data
        .columns
        .iter()
        .zip(&widths)
        .map(|(column, width)| {
            shaded.xml(
                *width,
                &paragraph("Cell", &centered, &run(&column.title, Look::HEI)),
            )
        })
        .collect();
    let mut rows = Row {
        head: true,
        ..Row::default()
    }
    .xml(&head);
    for (r, cells) in data.rows.iter().enumerate() {
        let total = data.total && r + 1 == data.rows.len();
        let mut inside = String::new();
        for (c, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let look =
                if total { Look::HEI } else { Look::PLAIN }.coloured(cell.tone.map(Tone::ink));
            let text = paragraph(
                "Cell",
                justify(data.align(c, cell)),
                &run(&cell.value.brief(), look),
            );
            inside += &Frame {
                shaded: total,
                ..Frame::PLAIN
            }
            .xml(*width, &text);
        }
        let splits = !paper.table_row_whole(data, cells);
        rows += &Row {
            splits,
            ..Row::default()
        }
        .xml(&inside);
    }
    if data.rows.is_empty() {
        let text = paragraph(
            "Cell",
            justify(Align::Center),
            &run("无", Look::PLAIN.coloured(Some(MUTED))),
        );
        rows += &Row::default().xml(
            &Frame {
                span: widths.len(),
                ..Frame::PLAIN
            }
            .xml(widths.iter().sum(), &text),
        );
    }
    table(&widths, THICK, THIN, ROOM, &rows)
}

/// The few numbers that matter, on grey fields parted by white.
pub(super) fn figures(items: &[Figure], width_mm: f64) -> String {
    let widths = shares(width_mm, &vec![1.0; items.len()]);
    let properties = format!(
        "<w:spacing w:line=\"300\" w:lineRule=\"atLeast\"/>{}",
        justify(Align::Center)
    );
    let borders = "<w:left w:val=\"single\" w:sz=\"36\" w:space=\"0\" w:color=\"FFFFFF\"/><w:right w:val=\"single\" w:sz=\"36\" w:space=\"0\" w:color=\"FFFFFF\"/>";
    let small = Look::sized(9.0).coloured(Some(MUTED));
    let field = |f: &Figure| {
        let number = Look::hei(18.0).coloured(f.tone.map(Tone::ink));
        let lines = [
            (&f.label, small),
            (&f.value.text(), number),
            (&f.note, small),
        ];
        lines
            .map(|(text, look)| paragraph("Cell", &properties, &run(text, look)))
            .concat()
    };
    let frame = Frame {
        shaded: true,
        borders,
        ..Frame::PLAIN
    };
    let cells: String = items
        .iter()
        .zip(&widths)
        .map(|(f, width)| frame.xml(*width, &field(f)))
        .collect();
    table(&widths, 0, 0, ROOM, &Row::default().xml(&cells))
}

/// Where the parties sign: text above, room for a seal, signature and date at the foot.
pub(super) fn signatures(parties: &[Party], paper: Paper) -> String {
    const FOOT_MM: f64 = 17.0;
    const OPEN_BELOW: Frame = Frame {
        vertical: "top",
        borders: "<w:bottom w:val=\"nil\"/>",
        ..Frame::PLAIN
    };
    const OPEN_ABOVE: Frame = Frame {
        vertical: "bottom",
        borders: "<w:top w:val=\"nil\"/>",
        ..Frame::PLAIN
    };
    let widths = shares(paper.width_mm, &vec![1.0; parties.len()]);
    let room = format!(
        "<w:keepNext/><w:spacing w:line=\"{}\" w:lineRule=\"exact\"/>",
        twips(SEAL_ROOM_MM)
    );
    let column_mm = paper.width_mm / parties.len() as f64;
    let splits = !parties.iter().all(|p| paper.fits(&p.opinion, column_mm));
    let (mut top, mut foot) = (String::new(), String::new());
    for (party, width) in parties.iter().zip(&widths) {
        let line = |text: &str, look| paragraph("Cell", "<w:keepNext/>", &run(text, look));
        let mut text = line(&format!("{}（盖章）：", party.role), Look::HEI);
        for more in [&party.organisation, &party.opinion]
            .into_iter()
            .filter(|t| !t.is_empty())
        {
            text += &line(more, Look::PLAIN);
        }
        text += &paragraph("Cell", &room, "");
        top += &OPEN_BELOW.xml(*width, &text);
        let date = party
            .date
            .map_or_else(|| BLANK_DATE.to_owned(), |d| Value::Date(d).text());
        let name = format!("签字：{}", party.signed_by.as_deref().unwrap_or(""));
        let sign = paragraph(
            "Cell",
            "<w:spacing w:after=\"80\"/>",
            &run(&name, Look::PLAIN),
        ) + &paragraph("Cell", "", &run(&format!("日期：{date}"), Look::PLAIN));
        foot += &OPEN_ABOVE.xml(*width, &sign);
    }
    let text = Row {
        height_mm: SIGNATURE_HEIGHT_MM - FOOT_MM,
        splits,
        head: false,
    };
    let rows = text.xml(&top)
        + &Row {
            height_mm: FOOT_MM,
            ..Row::default()
        }
        .xml(&foot);
    table(&widths, THICK, THIN, ROOM, &rows)
}

/// 编制, 审核, 批准 on a cover, each with a line to write on.
pub(super) fn cover_lines(lines: &[(String, String)]) -> String {
    const RULED: Frame = Frame {
        vertical: "bottom",
        borders: "<w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>",
        ..Frame::PLAIN
    };
    const OPEN: Frame = Frame {
        vertical: "bottom",
        ..Frame::PLAIN
    };
    let widths = [twips(32.0), twips(70.0)];
    let cell = |align, text: &str, look| {
        paragraph(
            "Cell",
            &format!(
                "<w:spacing w:line=\"400\" w:lineRule=\"exact\"/>{}",
                justify(align)
            ),
            &run(text, look),
        )
    };
    let line = |(label, text): &(String, String)| {
        let cells = OPEN.xml(
            widths[0],
            &cell(Align::Right, &format!("{label}："), Look::hei(14.0)),
        ) + &RULED.xml(widths[1], &cell(Align::Center, text, Look::sized(14.0)));
        Row {
            height_mm: 12.0,
            ..Row::default()
        }
        .xml(&cells)
    };
    table(
        &widths,
        0,
        0,
        ROOM,
        &lines.iter().map(line).collect::<String>(),
    )
}
