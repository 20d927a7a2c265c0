//! The black grid every Chinese service form is made of: rows of "label | value" cells on a fixed raster.

use serde::{Deserialize, Serialize};

use crate::model::Align;
use crate::value::Value;

/// A row is this many units wide: divisible by two, three, four and six pairs.
pub const UNITS: u8 = 24;

/// A form grid. Every row's cells add up to [`UNITS`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// From top to bottom.
    pub rows: Vec<GridRow>,
}

/// Rows of a grid that are drawn as one table: only the first rows of a table can repeat.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub rows: &'a [GridRow],
    /// How many of the rows, from the first, repeat on every page.
    pub heads: usize,
}

impl Grid {
    /// The grid cut where an embedded list begins or ends.
    pub(crate) fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let cut = |a: &GridRow, b: &GridRow| {
            a.list == b.list && !(b.list && b.is_heading() && !a.is_heading())
        };
        self.rows.chunk_by(cut).map(|rows| {
            let heads = rows.iter().take_while(|r| r.list && r.is_heading()).count();
            // A heading alone has nothing to repeat over.
            let heads = if heads == rows.len() { 0 } else { heads };
            Segment { rows, heads }
        })
    }
}

/// One row of a form grid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GridRow {
    /// From left to right.
    pub cells: Vec<GridCell>,
    /// The row is at least this high, so that there is room to write. 0: as high as its text.
    #[serde(default)]
    pub min_height_mm: f64,
    /// Keep this row on the page of the next one.
    #[serde(default)]
    pub keep_with_next: bool,
    /// Part of an embedded list, whose heading rows repeat on every page.
    #[serde(default)]
    pub list: bool,
}

/// One cell of a form grid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GridCell {
    /// Width in units of 1/24 of the grid.
    pub units: u8,
    /// What the cell is for.
    pub role: Role,
    /// What it shows.
    pub content: Content,
    /// Alignment other than the role's own.
    #[serde(default)]
    pub align: Option<Align>,
}

/// What a cell of a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names the field beside it: centred, shaded.
    Label,
    /// The field itself.
    Value,
    /// Head of a column of an embedded list: centred, shaded.
    Head,
    /// Title of a group of rows: bold, left, shaded.
    Section,
}

/// What a cell shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// A value; empty is a space to write in.
    Value {
        /// What is printed.
        value: Value,
    },
    /// Check boxes: all options are printed.
    Choice(Choice),
    /// Room to sign.
    Sign(Sign),
}

/// Check boxes: people expect to see what was not chosen, too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// In the order of the form.
    pub options: Vec<Mark>,
}

/// One check box.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The text after the box.
    pub label: String,
    /// ☑ or □.
    pub chosen: bool,
    /// What is asked behind this option, e.g. 原因.
    #[serde(default)]
    pub ask: Option<String>,
    /// The answer to `ask`.
    #[serde(default)]
    pub note: Option<String>,
}

impl Mark {
    /// `☑电话`, `□超时（原因：__________）`.
    #[must_use]
    pub fn text(&self) -> String {
        let tick = if self.chosen { '☑' } else { '□' };
        match &self.ask {
            None => format!("{tick}{}", self.label),
            Some(ask) => format!(
                "{tick}{}（{ask}：{}）",
                self.label,
                self.note.as_deref().unwrap_or("__________")
            ),
        }
    }
}

impl Choice {
    /// Check boxes of these labels, the listed indices ticked.
    #[must_use]
    pub fn new(labels: &[&str], chosen: &[usize]) -> Self {
        let mark = |(i, label): (usize, &&str)| Mark {
            label: (*label).to_owned(),
            chosen: chosen.contains(&i),
            ..Mark::default()
        };
        Self {
            options: labels.iter().enumerate().map(mark).collect(),
        }
    }

    /// All options in one line.
    #[must_use]
    pub fn text(&self) -> String {
        self.options
            .iter()
            .map(Mark::text)
            .collect::<Vec<_>>()
            .join("  ")
    }
}

/// Room for a signature: `签字：        日期：    年  月  日`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sign {
    /// Who signs, e.g. 客户签字.
    pub label: String,
    /// Name, if signed electronically.
    #[serde(default)]
    pub name: Option<String>,
    /// Day of signing.
    #[serde(default)]
    pub date: Option<jiff::civil::Date>,
    /// Leave room for a seal and print （盖章）.
    #[serde(default)]
    pub seal: bool,
}

impl Sign {
    /// The date, or the gaps to write it in.
    #[must_use]
    pub fn date_text(&self) -> String {
        self.date
            .map_or_else(|| BLANK_DATE.to_owned(), |d| Value::Date(d).text())
    }
}

/// An empty date (forms rule 5).
pub const BLANK_DATE: &str = "      年    月    日";

impl GridCell {
    /// A label.
    #[must_use]
    pub fn label(units: u8, text: impl Into<String>) -> Self {
        Self {
            units,
            role: Role::Label,
            content: Content::Value {
                value: Value::Text(text.into()),
            },
            align: None,
        }
    }

    /// A value.
    #[must_use]
    pub fn value(units: u8, value: impl Into<Value>) -> Self {
        Self {
            units,
            role: Role::Value,
            content: Content::Value {
                value: value.into(),
            },
            align: None,
        }
    }

    /// Check boxes.
    #[must_use]
    pub const fn choice(units: u8, choice: Choice) -> Self {
        Self {
            units,
            role: Role::Value,
            content: Content::Choice(choice),
            align: None,
        }
    }
}

impl GridRow {
    /// A row of these cells.
    #[must_use]
    pub const fn new(cells: Vec<GridCell>) -> Self {
        Self {
            cells,
            min_height_mm: 0.0,
            keep_with_next: false,
            list: false,
        }
    }

    /// Whether the row names what is beneath it.
    fn is_heading(&self) -> bool {
        self.cells
            .iter()
            .all(|c| matches!(c.role, Role::Head | Role::Section))
    }
}

/// Builds a grid from label–value pairs in 2 or 3 pairs a row (the forms' 4 or 6 columns).
#[derive(Debug, Clone)]
pub struct FieldGrid {
    label: u8,
    pair: u8,
    free: u8,
    grid: Grid,
}

impl FieldGrid {
    /// Two pairs a row.
    #[must_use]
    pub const fn four_columns() -> Self {
        Self {
            label: 4,
            pair: 12,
            free: 0,
            grid: Grid { rows: Vec::new() },
        }
    }

    /// Three pairs a row.
    #[must_use]
    pub const fn six_columns() -> Self {
        Self {
            label: 3,
            pair: 8,
            free: 0,
            grid: Grid { rows: Vec::new() },
        }
    }

    /// The next pair, on the current row if there is room.
    #[must_use]
    pub fn field(self, label: &str, value: impl Into<Value>) -> Self {
        let width = self.pair - self.label;
        self.push(label, GridCell::value(width, value))
    }

    /// Check boxes as the next pair.
    #[must_use]
    pub fn choice(self, label: &str, choice: Choice) -> Self {
        let width = self.pair - self.label;
        self.push(label, GridCell::choice(width, choice))
    }

    /// A pair over the full width, at least this high.
    #[must_use]
    pub fn wide(mut self, label: &str, value: impl Into<Value>, min_height_mm: f64) -> Self {
        self = self.close();
        let cells = vec![
            GridCell::label(self.label, label),
            GridCell::value(UNITS - self.label, value),
        ];
        self.grid.rows.push(GridRow {
            min_height_mm,
            ..GridRow::new(cells)
        });
        self
    }

    /// Check boxes over the full width.
    #[must_use]
    pub fn wide_choice(mut self, label: &str, choice: Choice) -> Self {
        self = self.close();
        self.grid.rows.push(GridRow::new(vec![
            GridCell::label(self.label, label),
            GridCell::choice(UNITS - self.label, choice),
        ]));
        self
    }

    /// The finished grid.
    #[must_use]
    pub fn build(self) -> Grid {
        self.close().grid
    }

    fn push(mut self, label: &str, cell: GridCell) -> Self {
        if self.free == 0 {
            self.grid.rows.push(GridRow::default());
            self.free = UNITS;
        }
        self.free -= self.pair;
        if let Some(row) = self.grid.rows.last_mut() {
            row.cells.push(GridCell::label(self.label, label));
            row.cells.push(cell);
        }
        self
    }

    /// Widens the last value of an unfinished row to the right edge.
    fn close(mut self) -> Self {
        if self.free > 0
            && let Some(cell) = self
                .grid
                .rows
                .last_mut()
                .and_then(|row| row.cells.last_mut())
        {
            cell.units += self.free;
        }
        self.free = 0;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_options_are_printed_and_the_chosen_one_ticked() {
        let mut choice = Choice::new(&["达标", "超时"], &[1]);
        choice.options[1].ask = Some("原因".into());
        choice.options[1].note = Some("备件未到".into());
        assert_eq!(choice.text(), "□达标  ☑超时（原因：备件未到）");
    }

    #[test]
    fn rows_are_filled_to_the_edge() {
        let grid = FieldGrid::six_columns()
            .field("影响度", "高")
            .field("紧急度", "高")
            .wide("现象", "无法访问", 20.0)
            .field("分类", "网络")
            .build();
        assert_eq!(grid.rows.len(), 3);
        for row in &grid.rows {
            assert_eq!(row.cells.iter().map(|c| c.units).sum::<u8>(), UNITS);
        }
    }
}
