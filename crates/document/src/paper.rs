//! Decisions every renderer takes alike: what stands at the foot, how a cell is aligned, which rows may break over a page.

use crate::grid::{Content, GridCell, GridRow, Role, UNITS};
use crate::model::{Align, Cell, Document, Table};
use crate::text::width_em;
use crate::value::Value;

/// Room for a seal of 40 mm, plus opinion and signature lines (forms rule 4).
pub(crate) const SIGNATURE_HEIGHT_MM: f64 = 66.0;
/// What stays free between the text and the signature line; together with that line a seal of 40 mm fits.
pub(crate) const SEAL_ROOM_MM: f64 = 32.0;
/// One em and one line of 小四, generously.
const EM_MM: f64 = 4.3;
const LINE_MM: f64 = 6.0;
/// Both edges of a cell.
const PADDING_MM: f64 = 3.0;
/// A row higher than this part of the page may be broken.
const WHOLE: f64 = 0.6;
/// The rest of the page must hold a row's least height and the head above it.
const RESERVE_MM: f64 = 20.0;

/// The room for text on a page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paper {
    pub width_mm: f64,
    pub height_mm: f64,
}

impl Paper {
    pub fn of(document: &Document) -> Self {
        let m = document.page_margins();
        let height_mm = document.page_size_mm().1 - m.top - m.bottom;
        Self {
            width_mm: document.text_width_mm(),
            height_mm,
        }
    }

    /// The greatest least height of a row.
    pub fn highest_row_mm(self) -> f64 {
        self.height_mm - RESERVE_MM
    }

    /// Whether a text in a column of this width stays low enough to be kept on one page.
    pub fn fits(self, text: &str, width_mm: f64) -> bool {
        let room = (width_mm - PADDING_MM).max(EM_MM);
        let most = self.height_mm * WHOLE / LINE_MM;
        let mut lines = 0.0;
        text.split('\n').all(|line| {
            lines += (width_em(line) * EM_MM / room).ceil().max(1.0);
            lines <= most
        })
    }

    /// The same of a cell of a form.
    pub fn cell_fits(self, cell: &GridCell) -> bool {
        let width = self.width_mm * f64::from(cell.units) / f64::from(UNITS);
        match &cell.content {
            Content::Value { value } => self.fits(&value.text(), width),
            Content::Choice(choice) => self.fits(&choice.text(), width),
            Content::Sign(_) => true,
        }
    }

    /// Whether a row of a form is kept on one page.
    pub fn grid_row_whole(self, row: &GridRow) -> bool {
        row.cells.iter().all(|cell| self.cell_fits(cell))
    }

    /// Whether a row of a table is kept on one page.
    pub fn table_row_whole(self, table: &Table, row: &[Cell]) -> bool {
        let total: f64 = table.columns.iter().map(|c| c.width).sum();
        let fits = |(column, cell): (&crate::model::Column, &Cell)| {
            self.fits(&cell.value.brief(), self.width_mm * column.width / total)
        };
        table.columns.iter().zip(row).all(fits)
    }
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

/// A label is centred, a value begins at the left.
pub(crate) fn cell_align(cell: &GridCell) -> Align {
    cell.align.unwrap_or(match cell.role {
        Role::Label | Role::Head => Align::Center,
        Role::Value | Role::Section => Align::Left,
    })
}

/// In a high row text begins at the top, where one writes.
pub(crate) fn begins_at_top(cell: &GridCell, row: &GridRow) -> bool {
    cell.role == Role::Value && row.min_height_mm > 12.0
}
