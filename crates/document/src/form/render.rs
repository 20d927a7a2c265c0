//! A layout and a record become a document.

use std::collections::BTreeMap;

use super::layout::{Column, Field, FieldType, Layout, Row, RowKind, Signature};
use super::{Entry, Values};
use crate::grid::{BLANK_DATE, Choice, Content, Grid, GridCell, GridRow, Mark, Role, Sign, UNITS};
use crate::model::{Align, Block, Document, Footer};
use crate::value::Value;

/// An empty date and time.
const BLANK_DATETIME: &str = "      年    月    日    时    分";
/// Room to write a line by hand.
const HAND_ROW_MM: f64 = 8.5;
/// A filled row is never lower than this: a grid of even rows is quieter.
const ROW_MM: f64 = 7.0;
/// A filled row of a list, so that the steps of a usual fault and the signatures share a page.
const STEP_MM: f64 = 6.2;

/// The form filled from a record. The caller adds header, footer and watermark.
#[must_use]
pub fn render(layout: &Layout, values: &Values) -> Document {
    document(layout, values, false)
}

/// The empty form, with room to fill it in by hand (空白表).
#[must_use]
pub fn render_blank(layout: &Layout) -> Document {
    document(layout, &Values::new(), true)
}

fn document(layout: &Layout, values: &Values, blank: bool) -> Document {
    let mut blocks = Vec::new();
    for page in layout.rows.chunk_by(|_, next| !next.new_page) {
        if !blocks.is_empty() {
            blocks.push(Block::PageBreak);
        }
        blocks.push(Block::Grid(grid(page, values, blank)));
    }
    let number = layout.number.as_ref().map(|field| match values.get(field) {
        Some(Entry::Value(value)) => value.text(),
        _ => "______________".to_owned(),
    });
    Document {
        title: layout.title.clone(),
        number,
        orientation: layout.orientation,
        footer: Footer {
            version: format!("{} 第{}版", layout.form, layout.version),
            ..Footer::default()
        },
        blocks,
        ..Document::default()
    }
}

fn grid(layout: &[Row], values: &Values, blank: bool) -> Grid {
    let mut rows: Vec<GridRow> = layout.iter().flat_map(|r| rows(r, values, blank)).collect();
    // A title right above a list repeats with the list's head.
    for i in 1..rows.len() {
        rows[i - 1].list |= rows[i].list && rows[i - 1].keep_with_next;
    }
    Grid { rows }
}

fn rows(row: &Row, values: &Values, blank: bool) -> Vec<GridRow> {
    let least = if blank { HAND_ROW_MM } else { ROW_MM };
    let height = row.height.max(least);
    match &row.kind {
        RowKind::Section(title) => {
            let cell = GridCell {
                units: UNITS,
                role: Role::Section,
                content: text(title.as_str()),
                align: None,
            };
            vec![GridRow {
                cells: vec![cell],
                min_height_mm: ROW_MM,
                keep_with_next: true,
                list: false,
            }]
        }
        RowKind::Fields(fields) => {
            let cells = fields
                .iter()
                .flat_map(|f| {
                    [
                        GridCell::label(f.label_width, f.label.as_str()),
                        value_cell(f, values),
                    ]
                })
                .collect();
            vec![GridRow {
                cells,
                min_height_mm: height,
                keep_with_next: false,
                list: false,
            }]
        }
        RowKind::List {
            field,
            columns,
            blank_rows,
        } => list(
            values.get(field),
            columns,
            if blank { *blank_rows } else { 1 },
            height,
        ),
        RowKind::Signatures(boxes) => {
            let width = UNITS / u8::try_from(boxes.len()).unwrap_or(1).max(1);
            let cells = boxes
                .iter()
                .map(|b| GridCell {
                    units: width,
                    role: Role::Value,
                    content: Content::Sign(sign(b, values)),
                    align: None,
                })
                .collect();
            vec![GridRow {
                cells,
                min_height_mm: row.height.max(42.0),
                keep_with_next: false,
                list: false,
            }]
        }
    }
}

fn text(value: impl Into<Value>) -> Content {
    Content::Value {
        value: value.into(),
    }
}

fn value_cell(field: &Field, values: &Values) -> GridCell {
    let entry = values.get(&field.field);
    let content = match (&field.kind, entry) {
        (FieldType::Choice(options), entry) => Content::Choice(choice(options, entry)),
        (kind, Some(Entry::Value(value))) if !value.is_empty() => text(typed(kind, value)),
        (FieldType::Date, _) => text(BLANK_DATE),
        (FieldType::DateTime, _) => text(BLANK_DATETIME),
        _ => text(Value::Empty),
    };
    GridCell {
        units: field.width,
        role: Role::Value,
        content,
        align: None,
    }
}

/// Seconds given as a plain number are printed as a length of time where the layout says so.
fn typed(kind: &FieldType, value: &Value) -> Value {
    match (kind, value) {
        (FieldType::Duration, Value::Integer(seconds)) => Value::Duration(*seconds),
        _ => value.clone(),
    }
}

fn choice(options: &[(String, String, Option<String>)], entry: Option<&Entry>) -> Choice {
    let (keys, note) = match entry {
        Some(Entry::Chosen(keys, note)) => (keys.clone(), note.clone()),
        Some(Entry::Value(value)) if !value.is_empty() => (vec![value.text()], None),
        _ => (Vec::new(), None),
    };
    let mark = |(key, label, ask): &(String, String, Option<String>)| {
        let chosen = keys.contains(key);
        Mark {
            label: label.clone(),
            chosen,
            ask: ask.clone(),
            note: note.clone().filter(|_| chosen),
        }
    };
    let mut marks: Vec<Mark> = options.iter().map(mark).collect();
    for key in keys
        .iter()
        .filter(|key| options.iter().all(|(k, ..)| k != *key))
    {
        marks.push(Mark {
            label: key.clone(),
            chosen: true,
            ..Mark::default()
        });
    }
    Choice { options: marks }
}

fn list(entry: Option<&Entry>, columns: &[Column], empty: usize, height: f64) -> Vec<GridRow> {
    let head = columns
        .iter()
        .map(|c| GridCell {
            units: c.width,
            role: Role::Head,
            content: text(c.label.as_str()),
            align: None,
        })
        .collect();
    let mut out = vec![GridRow {
        cells: head,
        min_height_mm: ROW_MM,
        keep_with_next: true,
        list: true,
    }];
    let nothing = Vec::new();
    let rows = if let Some(Entry::Rows(rows)) = entry {
        rows
    } else {
        &nothing
    };
    out.extend(rows.iter().map(|row| list_row(columns, row, STEP_MM)));
    if rows.is_empty() {
        out.extend((0..empty).map(|_| list_row(columns, &BTreeMap::new(), height)));
    }
    out
}

fn list_row(columns: &[Column], row: &BTreeMap<String, Value>, height: f64) -> GridRow {
    let cell = |c: &Column| {
        let value = row
            .get(&c.field)
            .map_or(Value::Empty, |v| typed(&c.kind, v));
        let align = if matches!(c.kind, FieldType::Text) && !value.is_number() {
            Align::Left
        } else {
            Align::Center
        };
        GridCell {
            units: c.width,
            role: Role::Value,
            content: text(value.in_list()),
            align: Some(align),
        }
    };
    GridRow {
        cells: columns.iter().map(cell).collect(),
        min_height_mm: height,
        keep_with_next: false,
        list: true,
    }
}

fn sign(signature: &Signature, values: &Values) -> Sign {
    let (name, date) = match values.get(&signature.field) {
        Some(Entry::Signed { name, date }) => (Some(name.clone()), Some(*date)),
        _ => (None, None),
    };
    Sign {
        label: signature.label.clone(),
        name,
        date,
        seal: signature.seal,
    }
}
