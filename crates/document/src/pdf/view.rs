//! The prepared document as the plain data the template draws: texts instead of values, files instead of charts.

use serde_json::{Value as Json, json};

use super::world::picture_path;
use crate::chart::to_svg;
use crate::error::DocumentError;
use crate::fonts::Fonts;
use crate::grid::{BLANK_DATE, Content, Grid, GridCell, GridRow, Mark};
use crate::model::{Align, Block, Document, ImageFormat, Party, Run, Table, Watermark};
use crate::palette::{MUTED, SHADE, Tone};
use crate::paper::{Paper, SEAL_ROOM_MM, SIGNATURE_HEIGHT_MM, begins_at_top, cell_align, footer};
use crate::text::breakable;
use crate::value::Value;

type Picture = (String, Vec<u8>);

/// The data as JSON, and the pictures by path.
pub(super) fn of(
    document: &Document,
    fonts: &Fonts,
) -> Result<(Vec<u8>, Vec<Picture>), DocumentError> {
    let mut view = View {
        fonts,
        paper: Paper::of(document),
        pictures: Vec::new(),
    };
    let mut data = view.document(document);
    if let Some(mark) = &document.watermark {
        data["mark"] = view
            .picture("png", crate::watermark::png(mark, document)?)
            .into();
    }
    let bytes = serde_json::to_vec(&data).map_err(|e| DocumentError::renderer("pdf", e))?;
    Ok((bytes, view.pictures))
}

struct View<'a> {
    fonts: &'a Fonts,
    paper: Paper,
    pictures: Vec<Picture>,
}

impl View<'_> {
    /// Every text takes this way: what no font can show becomes □, long words may break.
    fn text(&self, text: &str) -> String {
        breakable(&self.fonts.show_missing(text))
    }

    fn texts<'t>(&self, texts: impl IntoIterator<Item = &'t String>) -> Vec<String> {
        texts.into_iter().map(|t| self.text(t)).collect()
    }

    fn document(&mut self, d: &Document) -> Json {
        let blocks: Vec<Json> = d.blocks.iter().map(|b| self.block(b)).collect();
        let (song, hei) = self.fonts.families();
        let header = json!({
            "project": self.text(&d.header.project), "customer": self.text(&d.header.customer), "provider": self.text(&d.header.provider),
        });
        let cover = d.cover.as_ref().map(|c| {
            json!({
                "lines": c.lines.iter().map(|(label, text)| [self.text(label), self.text(text)]).collect::<Vec<_>>(),
                "organisation": self.text(&c.organisation), "date": c.date.map(|d| Value::Date(d).text()),
            })
        });
        json!({
            "title": self.text(&d.title), "subtitle": self.text(&d.subtitle), "number": d.number.as_ref().map(|n| self.text(n)),
            "style": d.style, "size": d.page_size_mm(), "margins": d.page_margins(),
            "header": header, "footer": self.text(&footer(d)), "cover": cover,
            "watermark": d.watermark.as_ref().map(|mark| self.text(&Watermark::text(mark))),
            "song": song, "hei": hei, "shade": SHADE, "muted": MUTED, "blocks": blocks,
        })
    }

    fn block(&mut self, block: &Block) -> Json {
        match block {
            Block::Heading { level, text, .. } => {
                json!({"type": "heading", "level": level, "text": self.text(text)})
            }
            Block::Paragraph(p) => {
                let run = |r: &Run| json!([self.text(&r.text), r.bold, r.tone.map(Tone::ink)]);
                json!({"type": "paragraph", "align": p.align, "indent": p.indent, "runs": p.runs.iter().map(run).collect::<Vec<_>>()})
            }
            Block::List { ordered, items } => {
                json!({"type": "list", "ordered": ordered, "items": self.texts(items)})
            }
            Block::Grid(grid) => self.grid(grid),
            Block::Table(table) => self.table(table),
            Block::Figures { items } => {
                let figure = |f: &crate::Figure| json!({"label": self.text(&f.label), "value": self.text(&f.value.text()), "note": self.text(&f.note), "colour": f.tone.map(Tone::ink)});
                json!({"type": "figures", "items": items.iter().map(figure).collect::<Vec<_>>()})
            }
            Block::Chart(chart) => {
                let file = self.picture(
                    "svg",
                    to_svg(&chart.map_text(|t| self.fonts.show_missing(t))).into_bytes(),
                );
                json!({"type": "chart", "title": self.text(&chart.title), "note": self.text(&chart.note), "file": file})
            }
            Block::Note { tone, text } => {
                json!({"type": "note", "text": self.text(text), "ink": tone.ink(), "wash": tone.wash()})
            }
            Block::Signatures { parties } => {
                let width = self.paper.width_mm / parties.len() as f64;
                let whole = parties.iter().all(|p| self.paper.fits(&p.opinion, width));
                let parties: Vec<Json> = parties.iter().map(|p| self.party(p)).collect();
                json!({"type": "signatures", "height": SIGNATURE_HEIGHT_MM, "seal": SEAL_ROOM_MM, "whole": whole, "parties": parties})
            }
            Block::Image(image) => {
                let file = self.picture(
                    if image.format == ImageFormat::Png {
                        "png"
                    } else {
                        "jpg"
                    },
                    image.bytes.clone(),
                );
                let width = f64::from(image.width_mm).min(self.paper.width_mm);
                json!({"type": "image", "file": file, "width": width, "caption": self.text(&image.caption)})
            }
            Block::Toc { depth } => json!({"type": "toc", "depth": depth}),
            Block::PageBreak => json!({"type": "page_break"}),
        }
    }

    fn picture(&mut self, extension: &str, bytes: Vec<u8>) -> String {
        let path = picture_path(self.pictures.len(), extension);
        self.pictures.push((path.clone(), bytes));
        path
    }

    fn party(&self, p: &Party) -> Json {
        json!({
            "role": self.text(&p.role), "organisation": self.text(&p.organisation), "opinion": self.text(&p.opinion),
            "name": self.text(p.signed_by.as_deref().unwrap_or_default()),
            "date": p.date.map_or_else(|| BLANK_DATE.to_owned(), |d| Value::Date(d).text()),
        })
    }

    fn table(&self, table: &Table) -> Json {
        let cell = |(c, cell): (usize, &crate::Cell)| {
            json!([
                self.text(&cell.value.brief()),
                side(table.align(c, cell)),
                cell.tone.map(Tone::ink)
            ])
        };
        let row = |row: &Vec<crate::Cell>| json!({"whole": self.paper.table_row_whole(table, row), "cells": row.iter().enumerate().map(cell).collect::<Vec<_>>()});
        json!({
            "type": "table", "caption": self.text(&table.caption), "total": table.total && !table.rows.is_empty(),
            "widths": table.columns.iter().map(|c| c.width).collect::<Vec<_>>(), "head": self.texts(table.columns.iter().map(|c| &c.title)),
            "rows": table.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    fn grid(&self, grid: &Grid) -> Json {
        let part = |s: crate::grid::Segment<'_>| json!({"heads": s.heads, "rows": s.rows.iter().map(|r| self.grid_row(r)).collect::<Vec<_>>()});
        json!({"type": "grid", "parts": grid.segments().map(part).collect::<Vec<_>>()})
    }

    fn grid_row(&self, row: &GridRow) -> Json {
        let cells: Vec<Json> = row.cells.iter().map(|c| self.grid_cell(c, row)).collect();
        json!({"height": row.min_height_mm, "whole": self.paper.grid_row_whole(row), "keep": row.keep_with_next, "cells": cells})
    }

    fn grid_cell(&self, cell: &GridCell, row: &GridRow) -> Json {
        let mut json = match &cell.content {
            Content::Value { value } => json!({"text": self.text(&value.text())}),
            Content::Choice(choice) => {
                json!({"marks": self.texts(&choice.options.iter().map(Mark::text).collect::<Vec<_>>())})
            }
            Content::Sign(sign) => json!({
                "sign": self.text(&sign.label), "name": self.text(sign.name.as_deref().unwrap_or_default()), "date": sign.date_text(), "seal": sign.seal,
            }),
        };
        json["units"] = cell.units.into();
        json["role"] = json!(cell.role);
        json["align"] = side(cell_align(cell)).into();
        json["top"] = begins_at_top(cell, row).into();
        json
    }
}

const fn side(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
    }
}
