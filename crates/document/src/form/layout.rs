//! The layout of a form, read strictly: a mistake is refused with its line, field and reason.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use serde_saphyr::Spanned;

use crate::DocumentError;
use crate::grid::UNITS;
use crate::model::Orientation;

/// A checked layout.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Code of the form, e.g. `F-01`.
    pub form: String,
    /// Version, printed at the foot.
    pub version: u32,
    /// Printed above the grid.
    pub title: String,
    /// The field printed top right as 编号.
    pub number: Option<String>,
    /// Page direction.
    pub orientation: Orientation,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// A row, or a list with a head and many rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What kind.
    pub kind: RowKind,
    /// At least this high, in millimetres.
    pub height: f64,
    /// Begins a new page, e.g. the back of the sheet.
    pub new_page: bool,
}

/// The kinds of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum RowKind {
    /// Title of a group.
    Section(String),
    /// Label–value pairs beside each other.
    Fields(Vec<Field>),
    /// An embedded list.
    List {
        /// Field that holds the rows.
        field: String,
        /// Its columns.
        columns: Vec<Column>,
        /// Empty rows on the blank form.
        blank_rows: usize,
    },
    /// Boxes to sign in, beside each other.
    Signatures(Vec<Signature>),
}

/// A label with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name in the record.
    pub field: String,
    /// Printed before it.
    pub label: String,
    /// What it holds.
    pub kind: FieldType,
    /// Width of the label in 1/24.
    pub label_width: u8,
    /// Width of the value in 1/24.
    pub width: u8,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldType {
    /// Text, number, anything printed as it is.
    Text,
    /// A day; empty it prints `年 月 日` to fill in.
    Date,
    /// A day and time; empty it prints `年 月 日 时 分`.
    DateTime,
    /// A length of time.
    Duration,
    /// Check boxes: key, label, question behind it.
    Choice(Vec<(String, String, Option<String>)>),
}

/// A column of an embedded list.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name in the row.
    pub field: String,
    /// Head.
    pub label: String,
    /// What it holds.
    pub kind: FieldType,
    /// Width in 1/24.
    pub width: u8,
}

/// A box to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Name in the record.
    pub field: String,
    /// Who signs.
    pub label: String,
    /// Print （盖章）.
    #[serde(default)]
    pub seal: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayout {
    form: Spanned<String>,
    version: u32,
    title: String,
    number: Option<String>,
    #[serde(default)]
    orientation: Orientation,
    rows: Vec<Spanned<RawRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    section: Option<String>,
    fields: Option<Vec<Spanned<RawField>>>,
    list: Option<String>,
    columns: Option<Vec<Spanned<RawField>>>,
    blank_rows: Option<usize>,
    signatures: Option<Vec<Signature>>,
    height: Option<f64>,
    #[serde(default)]
    new_page: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    field: String,
    label: String,
    #[serde(rename = "type", default)]
    kind: RawType,
    label_width: Option<u8>,
    width: Option<u8>,
    #[serde(default)]
    options: Pairs,
    #[serde(default)]
    ask: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawType {
    #[default]
    Text,
    Date,
    #[serde(rename = "datetime")]
    DateTime,
    Duration,
    Choice,
}

/// A mapping in the order it is written.
#[derive(Default)]
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> de::Visitor<'de> for InOrder {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a mapping of keys to labels")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// The line a mistake is on.
struct At(u64);

impl At {
    fn of<T>(spanned: &Spanned<T>) -> Self {
        Self(spanned.referenced.line())
    }

    fn error(&self, field: &str, reason: impl std::fmt::Display) -> DocumentError {
        DocumentError::Layout {
            place: format!("line {}, {field}", self.0),
            reason: reason.to_string(),
        }
    }
}

impl std::str::FromStr for Layout {
    type Err = DocumentError;

    fn from_str(yaml: &str) -> Result<Self, DocumentError> {
        if yaml.len() > 256 * 1024 {
            return Err(DocumentError::TooLarge {
                place: "form layout".into(),
                actual: yaml.len(),
                limit: 256 * 1024,
                unit: "bytes",
            });
        }
        let raw: RawLayout = serde_saphyr::from_str(yaml).map_err(|e| DocumentError::Layout {
            place: e
                .location()
                .map_or_else(|| "file".into(), |l| format!("line {}", l.line())),
            reason: e.to_string(),
        })?;
        if raw.form.value.trim().is_empty() {
            return Err(At::of(&raw.form).error("form", "must not be empty"));
        }
        if raw.rows.is_empty() || raw.rows.len() > 300 {
            return Err(At::of(&raw.form)
                .error("rows", format!("{} rows, 1 to 300 allowed", raw.rows.len())));
        }
        let rows = raw.rows.iter().map(row).collect::<Result<_, _>>()?;
        Ok(Self {
            form: raw.form.value,
            version: raw.version,
            title: raw.title,
            number: raw.number,
            orientation: raw.orientation,
            rows,
        })
    }
}

fn row(raw: &Spanned<RawRow>) -> Result<Row, DocumentError> {
    let at = At::of(raw);
    let raw = &raw.value;
    let kinds = [
        raw.section.is_some(),
        raw.fields.is_some(),
        raw.list.is_some(),
        raw.signatures.is_some(),
    ];
    if kinds.iter().filter(|k| **k).count() != 1 {
        return Err(at.error(
            "row",
            "must have exactly one of section, fields, list, signatures",
        ));
    }
    if raw.list.is_none() && (raw.columns.is_some() || raw.blank_rows.is_some()) {
        return Err(at.error("columns", "columns and blank_rows belong to a list"));
    }
    let height = raw.height.unwrap_or(0.0);
    if !(0.0..=200.0).contains(&height) {
        return Err(at.error("height", "must be 0 to 200 mm"));
    }
    let kind = if let Some(section) = &raw.section {
        RowKind::Section(section.clone())
    } else if let Some(fields) = &raw.fields {
        RowKind::Fields(spread(fields, &at)?)
    } else if let Some(field) = &raw.list {
        let columns = raw
            .columns
            .as_deref()
            .unwrap_or_default()
            .iter()
            .map(column)
            .collect::<Result<Vec<_>, _>>()?;
        full_width(
            &columns.iter().map(|c| c.width).collect::<Vec<_>>(),
            "columns",
            &at,
        )?;
        let blank_rows = raw.blank_rows.unwrap_or(3);
        if !(1..=60).contains(&blank_rows) {
            return Err(at.error("blank_rows", "must be 1 to 60"));
        }
        RowKind::List {
            field: field.clone(),
            columns,
            blank_rows,
        }
    } else {
        let boxes = raw.signatures.clone().unwrap_or_default();
        if !(1..=3).contains(&boxes.len()) {
            return Err(at.error("signatures", "one to three fit beside each other"));
        }
        RowKind::Signatures(boxes)
    };
    Ok(Row {
        kind,
        height,
        new_page: raw.new_page,
    })
}

/// Gives every field of a row its width; those without one share what is left evenly.
fn spread(raw: &[Spanned<RawField>], at: &At) -> Result<Vec<Field>, DocumentError> {
    let count = u8::try_from(raw.len()).unwrap_or(u8::MAX);
    if count == 0 || count > 4 {
        return Err(at.error("fields", "one to four fit beside each other"));
    }
    let (pair, label) = (UNITS / count, if count <= 2 { 4 } else { 3 });
    let mut fields = Vec::new();
    for spanned in raw {
        let f = &spanned.value;
        let label_width = f.label_width.unwrap_or(label);
        let width = f.width.unwrap_or_else(|| pair.saturating_sub(label_width));
        fields.push(Field {
            field: f.field.clone(),
            label: f.label.clone(),
            kind: kind(spanned)?,
            label_width,
            width,
        });
    }
    full_width(
        &fields
            .iter()
            .flat_map(|f| [f.label_width, f.width])
            .collect::<Vec<_>>(),
        "fields",
        at,
    )?;
    Ok(fields)
}

fn full_width(widths: &[u8], field: &str, at: &At) -> Result<(), DocumentError> {
    let total: u32 = widths.iter().map(|w| u32::from(*w)).sum();
    if total != u32::from(UNITS) || widths.contains(&0) {
        return Err(at.error(
            field,
            format!("widths add up to {total}, must be {UNITS}, none 0"),
        ));
    }
    Ok(())
}

fn column(spanned: &Spanned<RawField>) -> Result<Column, DocumentError> {
    let c = &spanned.value;
    let width = c
        .width
        .ok_or_else(|| At::of(spanned).error(&c.field, "a column needs a width"))?;
    Ok(Column {
        field: c.field.clone(),
        label: c.label.clone(),
        kind: kind(spanned)?,
        width,
    })
}

fn kind(spanned: &Spanned<RawField>) -> Result<FieldType, DocumentError> {
    let (f, at) = (&spanned.value, At::of(spanned));
    if f.kind != RawType::Choice && !(f.options.0.is_empty() && f.ask.is_empty()) {
        return Err(at.error(&f.field, "options and ask belong to type choice"));
    }
    Ok(match f.kind {
        RawType::Text => FieldType::Text,
        RawType::Date => FieldType::Date,
        RawType::DateTime => FieldType::DateTime,
        RawType::Duration => FieldType::Duration,
        RawType::Choice if f.options.0.is_empty() => {
            return Err(at.error(&f.field, "a choice needs options"));
        }
        RawType::Choice => {
            if let Some(key) = f
                .ask
                .keys()
                .find(|key| f.options.0.iter().all(|(k, _)| k != *key))
            {
                return Err(at.error(&f.field, format!("ask: no option has the key {key}")));
            }
            FieldType::Choice(
                f.options
                    .0
                    .iter()
                    .map(|(k, l)| (k.clone(), l.clone(), f.ask.get(k).cloned()))
                    .collect(),
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(yaml: &str) -> String {
        yaml.parse::<Layout>().unwrap_err().to_string()
    }

    fn with_rows(rows: &str) -> String {
        error(&format!("form: X\nversion: 1\ntitle: 表\nrows:\n{rows}"))
    }

    #[test]
    fn the_layouts_that_come_with_the_program_are_lawful() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../definitions/forms");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let layout: Layout = std::fs::read_to_string(&path)
                .unwrap()
                .parse()
                .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(path.file_stem().unwrap().to_str().unwrap(), layout.form);
            count += 1;
        }
        assert!(count > 0);
    }

    #[test]
    fn mistakes_are_refused_with_line_field_and_reason() {
        assert_eq!(
            with_rows("  - section: 一\n    list: x"),
            "form layout, line 5, row: must have exactly one of section, fields, list, signatures"
        );
        assert_eq!(
            with_rows("  - fields:\n      - {field: a, label: 甲, width: 30}"),
            "form layout, line 5, fields: widths add up to 34, must be 24, none 0"
        );
        assert_eq!(
            with_rows("  - fields:\n      - {field: a, label: 甲, type: choice}"),
            "form layout, line 6, a: a choice needs options"
        );
        assert_eq!(
            with_rows("  - section: 一\n  - list: x\n    columns:\n      - {field: a, label: 甲}"),
            "form layout, line 8, a: a column needs a width"
        );
        assert!(
            with_rows("  - fields:\n      - {field: a, label: 甲, colour: red}").contains("colour")
        );
        assert!(with_rows("  - fields:\n      - {field: a, label: 甲, type: choice, options: {x: 是}, ask: {y: 原因}}").contains("no option has the key y"));
        assert!(
            error("form: X\nversion: one\ntitle: 表\nrows: []").starts_with("form layout, line 2")
        );
        assert!(error("rows: [").starts_with("form layout"));
        assert!(error(&"#".repeat(300_000)).contains("at most"));
    }
}
