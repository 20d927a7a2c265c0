//! One document model rendered to docx, pdf and html (print); lists to xlsx. Knows no database.
//!
//! A caller builds a [`Document`] (or lets [`form::render`] build one from a layout in `definitions/forms/`), stores it as
//! JSON if it must stay as it is, and asks for bytes:
//!
//! ```
//! use anlan_document::{Block, Document, Fonts, docx, pdf};
//! let mut document = Document::form("客户服务受理单");
//! document.blocks.push(Block::paragraph("网站无法打开"));
//! let paper = pdf::render(&document, &Fonts::embedded())?;
//! let editable = docx::render(&document)?;
//! # Ok::<(), anlan_document::DocumentError>(())
//! ```
//!
//! All renderers work on the same *prepared* document ([`prepare()`]): checked against the limits, hostile characters made
//! visible, headings numbered. The same document always gives the same bytes.

pub mod chart;
pub mod docx;
mod error;
mod fonts;
pub mod form;
mod grid;
pub mod html;

mod model;
pub mod palette;
mod paper;
pub mod pdf;
mod prepare;
pub mod text;
mod value;
mod watermark;
pub mod xlsx;

pub use chart::{Chart, ChartKind, Series, Target};
pub use error::DocumentError;
pub use fonts::{Face, Fonts};
pub use grid::{Choice, Content, FieldGrid, Grid, GridCell, GridRow, Mark, Role, Sign, UNITS};
pub use model::{
    Align, Block, Cell, Column, Cover, Document, Figure, Footer, Header, Image, ImageFormat,
    Margins, Orientation, Paragraph, Party, Run, Style, Table, Watermark,
};
pub use palette::Tone;
pub use prepare::prepare;
pub use value::Value;
