//! Tables: form grids, data tables, figures, signatures.

use super::xml::{Look, justify, paragraph, run, twips};
use crate::grid::{Content, Grid, GridCell, GridRow, Mark, Role, Sign, UNITS};
use crate::model::{Align, Figure, Party, SIGNATURE_HEIGHT_MM, Table};
use crate::palette::{MUTED, SHADE, Tone};
use crate::pdf::{WHOLE_ROW, cell_align};
use crate::value::Value;

/// 五号.
const CELL: f64 = 10.5;
const THICK: u8 = 8;
const THIN: u8 = 4;

/// Borders of a table in eighths of a point; 0 is none.
fn borders(outer: u8, inner: u8) -> String {
    let line = |side: &str, size: u8| {
        if size == 0 {
            format!("<w:{side} w:val=\"nil\"/>")
        } else {
            format!("<w:{side} w:val=\"single\" w:sz=\"{size}\" w:space=\"0\" w:color=\"000000\"/>")
        }
    };
    let sides = ["top", "left", "bottom", "right"]
        .map(|s| line(s, outer))
        .concat();
    format!(
        "<w:tblBorders>{sides}{}{}</w:tblBorders>",
        line("insideH", inner),
        line("insideV", inner)
    )
}

/// A table of fixed column widths (twips) and finished rows.
fn table(widths: &[i64], outer: u8, inner: u8, rows: &str) -> String {
    let total: i64 = widths.iter().sum();
    let grid: String = widths
        .iter()
        .map(|w| format!("<w:gridCol w:w=\"{w}\"/>"))
        .collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{total}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/>{}<w:tblLayout w:type=\"fixed\"/>\
         <w:tblCellMar><w:top w:w=\"60\" w:type=\"dxa\"/><w:left w:w=\"80\" w:type=\"dxa\"/><w:bottom w:w=\"60\" w:type=\"dxa\"/><w:right w:w=\"80\" w:type=\"dxa\"/></w:tblCellMar>\
         </w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>",
        borders(outer, inner)
    )
}

/// Splits a width so that the parts add up exactly.
fn shares(width_mm: f64, weights: &[f64]) -> Vec<i64> {
    let total: f64 = weights.iter().sum();
    let mut done = 0.0;
    let mut edge = 0;
    weights
        .iter()
        .map(|w| {
            done += w;
            let next = twips(width_mm * done / total);
            let share = next - edge;
            edge = next;
            share
        })
        .collect()
}

struct Row {
    height_mm: f64,
    whole: bool,
    head: bool,
}

fn row(properties: &Row, cells: &str) -> String {
    let mut p = String::new();
    if properties.whole {
        p.push_str("<w:cantSplit/>");
    }
    if properties.height_mm > 0.0 {
        p.push_str(&format!(
            "<w:trHeight w:val=\"{}\" w:hRule=\"atLeast\"/>",
            twips(properties.height_mm)
        ));
    }
    if properties.head {
        p.push_str("<w:tblHeader/>");
    }
    format!("<w:tr><w:trPr>{p}</w:trPr>{cells}</w:tr>")
}

struct Frame {
    span: usize,
    shade: Option<&'static str>,
    align: &'static str,
    borders: &'static str,
}

fn cell(width: i64, look: &Frame, paragraphs: &str) -> String {
    let span = if look.span > 1 {
        format!("<w:gridSpan w:val=\"{}\"/>", look.span)
    } else {
        String::new()
    };
    let shade = look.shade.map_or_else(String::new, |c| {
        format!("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{c}\"/>")
    });
    format!(
        "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{span}{}{shade}<w:vAlign w:val=\"{}\"/></w:tcPr>{paragraphs}</w:tc>",
        look.borders, look.align
    )
}

const NO_BORDERS: &str = "";

/// A form grid.
pub(super) fn grid(grid: &Grid, width_mm: f64) -> String {
    let units = shares(width_mm, &[1.0; UNITS as usize]);
    let rows: String = grid.rows.iter().map(|r| grid_row(r, &units)).collect();
    table(&units, THICK, THIN, &rows)
}

fn grid_row(r: &GridRow, units: &[i64]) -> String {
    let whole = r.cells.iter().all(|c| !matches!(&c.content, Content::Value { value } if value.text().chars().count() > WHOLE_ROW));
    let mut at = 0;
    let cells: String = r
        .cells
        .iter()
        .map(|c| {
            let span = usize::from(c.units);
            let width = units.iter().skip(at).take(span).sum();
            at += span;
            grid_cell(c, r, width)
        })
        .collect();
    row(
        &Row {
            height_mm: r.min_height_mm,
            whole,
            head: false,
        },
        &cells,
    )
}

fn grid_cell(c: &GridCell, r: &GridRow, width: i64) -> String {
    let named = c.role != Role::Value;
    let look = if named {
        Look::hei(CELL)
    } else {
        Look::sized(CELL)
    };
    let keep = if r.keep_with_next {
        "<w:keepNext/>"
    } else {
        ""
    };
    let align = justify(cell_align(c));
    let text = |t: &str| paragraph("Cell", &format!("{keep}{align}"), &run(t, look));
    let inside = match &c.content {
        Content::Value { value } => text(&value.text()),
        Content::Choice(choice) => text(
            &choice
                .options
                .iter()
                .map(Mark::text)
                .collect::<Vec<_>>()
                .join("　"),
        ),
        Content::Sign(sign) => sign_paragraphs(sign, r.min_height_mm),
    };
    let top = c.role == Role::Value && r.min_height_mm > 12.0;
    let look = Frame {
        span: usize::from(c.units),
        shade: named.then_some(SHADE),
        align: if top { "top" } else { "center" },
        borders: NO_BORDERS,
    };
    cell(width, &look, &inside)
}

/// The label at the top, the signature line at the bottom of the room.
fn sign_paragraphs(sign: &Sign, height_mm: f64) -> String {
    let seal = if sign.seal { "（盖章）" } else { "" };
    let gap = twips((height_mm - 15.0).max(4.0));
    let name = sign.name.as_deref().unwrap_or("　　　　　");
    let line = format!("签字：{name}　　日期：{}", sign.date_text());
    paragraph(
        "Cell",
        "",
        &run(&format!("{}{seal}", sign.label), Look::sized(CELL)),
    ) + &paragraph(
        "Cell",
        &format!("<w:spacing w:before=\"{gap}\"/>{}", justify(Align::Right)),
        &run(&line, Look::sized(CELL)),
    )
}

/// A data table with a head that repeats.
pub(super) fn data_table(data: &Table, width_mm: f64) -> String {
    let widths = shares(
        width_mm,
        &data.columns.iter().map(|c| c.width).collect::<Vec<_>>(),
    );
    let head: String = data
        .columns
        .iter()
        .zip(&widths)
        .map(|(column, width)| {
            let text = paragraph(
                "Cell",
                &format!("<w:keepNext/>{}", justify(Align::Center)),
                &run(&column.title, Look::hei(CELL)),
            );
            cell(
                *width,
                &Frame {
                    span: 1,
                    shade: Some(SHADE),
                    align: "center",
                    borders: NO_BORDERS,
                },
                &text,
            )
        })
        .collect();
    let mut rows = row(
        &Row {
            height_mm: 0.0,
            whole: true,
            head: true,
        },
        &head,
    );
    let last = data.rows.len().wrapping_sub(1);
    for (r, cells) in data.rows.iter().enumerate() {
        let total = data.total && r == last;
        let whole = cells
            .iter()
            .all(|c| !matches!(&c.value, Value::Text(t) if t.chars().count() > WHOLE_ROW));
        let mut inside = String::new();
        for (c, value) in cells.iter().enumerate() {
            let look = if total {
                Look::hei(CELL)
            } else {
                Look::sized(CELL)
            }
            .coloured(value.tone.map(Tone::ink));
            let text = paragraph(
                "Cell",
                justify(data.align(c, value)),
                &run(&value.value.text(), look),
            );
            inside += &cell(
                widths[c],
                &Frame {
                    span: 1,
                    shade: total.then_some(SHADE),
                    align: "center",
                    borders: NO_BORDERS,
                },
                &text,
            );
        }
        rows += &row(
            &Row {
                height_mm: 0.0,
                whole,
                head: false,
            },
            &inside,
        );
    }
    if data.rows.is_empty() {
        let text = paragraph(
            "Cell",
            justify(Align::Center),
            &run("无", Look::sized(CELL).coloured(Some(MUTED))),
        );
        let look = Frame {
            span: widths.len(),
            shade: None,
            align: "center",
            borders: NO_BORDERS,
        };
        rows += &row(
            &Row {
                height_mm: 0.0,
                whole: true,
                head: false,
            },
            &cell(widths.iter().sum(), &look, &text),
        );
    }
    table(&widths, THICK, THIN, &rows)
}

/// The few numbers that matter, on grey fields.
pub(super) fn figures(items: &[Figure], width_mm: f64) -> String {
    let widths = shares(width_mm, &vec![1.0; items.len()]);
    let gaps = "<w:tcBorders><w:left w:val=\"single\" w:sz=\"24\" w:space=\"0\" w:color=\"FFFFFF\"/><w:right w:val=\"single\" w:sz=\"24\" w:space=\"0\" w:color=\"FFFFFF\"/></w:tcBorders>";
    let cells: String = items
        .iter()
        .zip(&widths)
        .map(|(f, width)| {
            let center = justify(Align::Center);
            let muted = Look::sized(9.0).coloured(Some(MUTED));
            let text = paragraph("Cell", center, &run(&f.label, muted))
                + &paragraph(
                    "Cell",
                    center,
                    &run(
                        &f.value.text(),
                        Look::hei(18.0).coloured(f.tone.map(Tone::ink)),
                    ),
                )
                + &paragraph("Cell", center, &run(&f.note, muted));
            cell(
                *width,
                &Frame {
                    span: 1,
                    shade: Some(SHADE),
                    align: "center",
                    borders: gaps,
                },
                &text,
            )
        })
        .collect();
    table(
        &widths,
        0,
        0,
        &row(
            &Row {
                height_mm: 0.0,
                whole: true,
                head: false,
            },
            &cells,
        ),
    )
}

/// Where the parties sign: text above, room for a seal, signature and date at the foot.
pub(super) fn signatures(parties: &[Party], width_mm: f64) -> String {
    const FOOT_MM: f64 = 17.0;
    let widths = shares(width_mm, &vec![1.0; parties.len()]);
    let mut top = String::new();
    let mut foot = String::new();
    for (party, width) in parties.iter().zip(&widths) {
        let keep = "<w:keepNext/>";
        let mut text = paragraph(
            "Cell",
            keep,
            &run(&format!("{}（盖章）：", party.role), Look::hei(CELL)),
        );
        for line in [&party.organisation, &party.opinion] {
            if !line.is_empty() {
                text += &paragraph("Cell", keep, &run(line, Look::sized(CELL)));
            }
        }
        let open = "<w:tcBorders><w:bottom w:val=\"nil\"/></w:tcBorders>";
        top += &cell(
            *width,
            &Frame {
                span: 1,
                shade: None,
                align: "top",
                borders: open,
            },
            &text,
        );
        let date = party.date.map_or_else(
            || crate::grid::BLANK_DATE.to_owned(),
            |d| Value::Date(d).text(),
        );
        let sign = paragraph(
            "Cell",
            "<w:spacing w:after=\"80\"/>",
            &run(
                &format!("签字：{}", party.signed_by.as_deref().unwrap_or("")),
                Look::sized(CELL),
            ),
        ) + &paragraph(
            "Cell",
            "",
            &run(&format!("日期：{date}"), Look::sized(CELL)),
        );
        let open = "<w:tcBorders><w:top w:val=\"nil\"/></w:tcBorders>";
        foot += &cell(
            *width,
            &Frame {
                span: 1,
                shade: None,
                align: "bottom",
                borders: open,
            },
            &sign,
        );
    }
    let rows = row(
        &Row {
            height_mm: SIGNATURE_HEIGHT_MM - FOOT_MM,
            whole: true,
            head: false,
        },
        &top,
    ) + &row(
        &Row {
            height_mm: FOOT_MM,
            whole: true,
            head: false,
        },
        &foot,
    );
    table(&widths, THICK, THIN, &rows)
}
