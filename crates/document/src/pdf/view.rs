//! The prepared document as the plain data the template draws: texts instead of values, files instead of charts.

use serde_json::{Value as Json, json};

use super::world::picture_path;
use crate::chart::to_svg;
use crate::error::DocumentError;
use crate::fonts::Fonts;
use crate::grid::{Content, Grid, GridCell, GridRow, Role};
use crate::model::{Align, Block, Document, ImageFormat, Party, SIGNATURE_HEIGHT_MM, Table};
use crate::palette::{MUTED, SHADE, Tone};
use crate::text::breakable;
use crate::value::Value;

/// A cell with more text than this may run over a page end; all others stay in one piece.
const WHOLE_ROW: usize = 600;

type Picture = (String, Vec<u8>);

/// The data as JSON, and the pictures by path.
pub(super) fn of(
    document: &Document,
    fonts: &Fonts,
) -> Result<(Vec<u8>, Vec<Picture>), DocumentError> {
    let mut pictures = Vec::new();
    let blocks: Vec<Json> = document
        .blocks
        .iter()
        .map(|b| block(b, document, &mut pictures))
        .collect();
    let margins = document.page_margins();
    let (song, hei) = fonts.families();
    let data = json!({
        "title": breakable(&document.title), "subtitle": breakable(&document.subtitle), "number": document.number,
        "style": document.style, "size": document.page_size_mm(), "margins": margins, "width": document.text_width_mm(),
        "header": document.header, "footer": footer(document),
        "watermark": document.watermark.as_ref().map(crate::model::Watermark::text),
        "cover": document.cover.as_ref().map(|c| json!({
            "lines": c.lines, "organisation": c.organisation, "date": c.date.map(|d| Value::Date(d).text()),
        })),
        "song": song, "hei": hei, "shade": SHADE, "muted": MUTED, "blocks": blocks,
    });
    let bytes = serde_json::to_vec(&data).map_err(|e| DocumentError::renderer("pdf", e))?;
    Ok((bytes, pictures))
}

/// `F-01 第1版　打印时间：2026年11月22日 14:30　打印人：王芳`.
pub(crate) fn footer(document: &Document) -> String {
    let mut parts = Vec::new();
    if !document.footer.version.is_empty() {
        parts.push(document.footer.version.clone());
    }
    if let Some(at) = document.footer.printed_at {
        parts.push(format!("打印时间：{}", Value::DateTime(at).text()));
    }
    if !document.footer.printed_by.is_empty() {
        parts.push(format!("打印人：{}", document.footer.printed_by));
    }
    parts.join("　")
}

fn block(block: &Block, document: &Document, pictures: &mut Vec<Picture>) -> Json {
    match block {
        Block::Heading { level, text, .. } => {
            json!({"type": "heading", "level": level, "text": breakable(text)})
        }
        Block::Paragraph(p) => json!({
            "type": "paragraph", "align": p.align, "indent": p.indent,
            "runs": p.runs.iter().map(|r| json!([breakable(&r.text), r.bold, r.tone.map(Tone::ink)])).collect::<Vec<_>>(),
        }),
        Block::List { ordered, items } => {
            json!({"type": "list", "ordered": ordered, "items": items.iter().map(|i| breakable(i)).collect::<Vec<_>>()})
        }
        Block::Grid(grid) => json!({"type": "grid", "parts": grid_parts(grid)}),
        Block::Table(table) => data_table(table),
        Block::Figures { items } => json!({"type": "figures", "items": items.iter().map(|f| json!({
            "label": f.label, "value": f.value.text(), "note": f.note, "colour": f.tone.map(Tone::ink),
        })).collect::<Vec<_>>()}),
        Block::Chart(chart) => {
            let path = picture_path(pictures.len(), "svg");
            pictures.push((path.clone(), to_svg(chart).into_bytes()));
            json!({"type": "chart", "title": breakable(&chart.title), "note": breakable(&chart.note), "file": path})
        }
        Block::Note { tone, text } => {
            json!({"type": "note", "text": breakable(text), "ink": tone.ink(), "wash": tone.wash()})
        }
        Block::Signatures { parties } => {
            json!({"type": "signatures", "height": SIGNATURE_HEIGHT_MM, "parties": parties.iter().map(party).collect::<Vec<_>>()})
        }
        Block::Image(image) => {
            let extension = if image.format == ImageFormat::Png {
                "png"
            } else {
                "jpg"
            };
            let path = picture_path(pictures.len(), extension);
            pictures.push((path.clone(), image.bytes.clone()));
            let width = f64::from(image.width_mm).min(document.text_width_mm());
            json!({"type": "image", "file": path, "width": width, "caption": breakable(&image.caption)})
        }
        Block::Toc { depth } => json!({"type": "toc", "depth": depth}),
        Block::PageBreak => json!({"type": "page_break"}),
    }
}

fn party(p: &Party) -> Json {
    json!({
        "role": p.role, "organisation": p.organisation, "opinion": breakable(&p.opinion), "name": p.signed_by.as_deref().unwrap_or_default(),
        "date": p.date.map_or_else(|| crate::grid::BLANK_DATE.to_owned(), |d| Value::Date(d).text()),
    })
}

fn data_table(table: &Table) -> Json {
    let rows: Vec<Json> = table
        .rows
        .iter()
        .map(|row| {
            let whole = row.iter().all(|cell| whole_text(&cell.value.text()));
            let cells: Vec<Json> = row
                .iter()
                .enumerate()
                .map(|(c, cell)| {
                    json!([
                        breakable(&cell.value.text()),
                        align(table.align(c, cell)),
                        cell.tone.map(Tone::ink)
                    ])
                })
                .collect();
            json!({"whole": whole, "cells": cells})
        })
        .collect();
    json!({
        "type": "table", "caption": breakable(&table.caption), "total": table.total && !rows.is_empty(),
        "widths": table.columns.iter().map(|c| c.width).collect::<Vec<_>>(),
        "head": table.columns.iter().map(|c| breakable(&c.title)).collect::<Vec<_>>(), "rows": rows,
    })
}

/// Whether a text is short enough that its row may be kept on one page.
pub(crate) fn whole_text(text: &str) -> bool {
    text.chars().take(WHOLE_ROW + 1).count() <= WHOLE_ROW && text.matches('\n').count() < 25
}

fn grid_parts(grid: &Grid) -> Vec<Json> {
    grid.segments()
        .map(|s| json!({"heads": s.heads, "rows": s.rows.iter().map(grid_row).collect::<Vec<_>>()}))
        .collect()
}

/// The same of a cell of a form.
pub(crate) fn whole_cell(cell: &GridCell) -> bool {
    !matches!(&cell.content, Content::Value { value } if !whole_text(&value.text()))
}

fn grid_row(row: &GridRow) -> Json {
    let whole = row.cells.iter().all(whole_cell);
    json!({
        "height": row.min_height_mm, "whole": whole, "keep": row.keep_with_next,
        "cells": row.cells.iter().map(|c| grid_cell(c, row.min_height_mm)).collect::<Vec<_>>(),
    })
}

fn grid_cell(cell: &GridCell, height: f64) -> Json {
    let align = align(cell_align(cell));
    let mut json = match &cell.content {
        Content::Value { value } => json!({"text": breakable(&value.text())}),
        Content::Choice(choice) => {
            json!({"marks": choice.options.iter().map(crate::grid::Mark::text).collect::<Vec<_>>()})
        }
        Content::Sign(sign) => {
            json!({"sign": sign.label, "name": sign.name.as_deref().unwrap_or_default(), "date": sign.date_text(), "seal": sign.seal})
        }
    };
    json["units"] = cell.units.into();
    json["role"] = json!(cell.role);
    json["align"] = json!(align);
    // Text to write stands at the top of a high row, a label in its middle.
    json["top"] = json!(cell.role == Role::Value && height > 12.0);
    json
}

/// A label is centred, a value begins at the left.
pub(crate) fn cell_align(cell: &GridCell) -> Align {
    cell.align.unwrap_or(match cell.role {
        Role::Label | Role::Head => Align::Center,
        Role::Value | Role::Section => Align::Left,
    })
}

const fn align(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
    }
}
