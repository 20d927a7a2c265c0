//! PDF through the typst compiler, used as a library with everything in memory: a fixed template (`document.typ`), the
//! document as data it reads, our fonts. The template can reach no file, network or package, and a text from the document is
//! a value to it, never source.

mod view;
mod world;

use typst::foundations::{Content, Datetime, NativeElement, Smart};
use typst::introspection::Introspector;
use typst::model::HeadingElem;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::error::DocumentError;
use crate::fonts::Fonts;
use crate::model::{Block, Document};
use crate::prepare::prepare;

const MOST_TAGGED_ROWS: usize = 300;

/// The document as PDF/A-2u: fonts embedded as subsets, text searchable, the same bytes for the same document.
///
/// # Errors
/// The document breaks a limit ([`crate::prepare()`]), or holds a picture that cannot be decoded.
pub fn render(document: &Document, fonts: &Fonts) -> Result<Vec<u8>, DocumentError> {
    let prepared = prepare(document)?;
    let ident = prepared.digest()?;
    let compiled = compile(&prepared, fonts)?;
    let timestamp = date_of(&prepared);
    // The archive standard asks for a date; a blank form has none.
    let standard = if timestamp.is_some() {
        PdfStandard::A_2u
    } else {
        PdfStandard::V_1_7
    };
    let standards =
        PdfStandards::new(&[standard]).map_err(|e| DocumentError::renderer("pdf", e.message()))?;
    let creator = Smart::Custom(Some("Anlan".to_owned()));
    let options = PdfOptions {
        ident: Smart::Custom(ident),
        creator,
        timestamp,
        standards,
        tagged: is_short(&prepared),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&compiled, &options).map_err(|e| failure(&e));
    // The compiler remembers results for the next document; keep only what the last few used.
    typst::comemo::evict(2);
    bytes
}

/// The page of every heading, for renderers that cannot lay out pages themselves.
pub(crate) fn heading_pages(prepared: &Document) -> Result<Vec<usize>, DocumentError> {
    let compiled = compile(prepared, &Fonts::embedded())?;
    let found = compiled.introspector().query(&HeadingElem::ELEM.select());
    let page = |heading: &Content| Some(compiled.introspector().page(heading.location()?)?.get());
    Ok(found.iter().map(|h| page(h).unwrap_or(0)).collect())
}

fn compile(prepared: &Document, fonts: &Fonts) -> Result<PagedDocument, DocumentError> {
    let (data, pictures) = view::of(prepared, fonts)?;
    let world = world::Memory::new(data, pictures, fonts);
    typst::compile::<PagedDocument>(&world)
        .output
        .map_err(|e| failure(&e))
}

/// Whether the file carries the structure that screen readers use: in a long list it would be eight tenths of the bytes.
fn is_short(document: &Document) -> bool {
    let rows = |b: &Block| match b {
        Block::Table(table) => table.rows.len(),
        Block::Grid(grid) => grid.rows.len(),
        _ => 0,
    };
    document.blocks.iter().map(rows).sum::<usize>() <= MOST_TAGGED_ROWS
}

/// When the document was printed, else the date on its cover.
fn date_of(document: &Document) -> Option<Timestamp> {
    let at = document
        .footer
        .printed_at
        .or_else(|| Some(document.cover.as_ref()?.date?.at(0, 0, 0, 0)))?;
    let part = |n: i8| u8::try_from(n).ok();
    let day = (i32::from(at.year()), part(at.month())?, part(at.day())?);
    let utc = Datetime::from_ymd_hms(
        day.0,
        day.1,
        day.2,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )?;
    Some(Timestamp::new_utc(utc))
}

fn failure(errors: &[typst::diag::SourceDiagnostic]) -> DocumentError {
    let reasons: Vec<String> = errors.iter().map(|e| e.message.to_string()).collect();
    let reason = reasons.join("; ");
    // The head of every picture was checked; what is behind it only the decoder sees.
    if reason.contains("decode image") {
        return DocumentError::invalid("image", reason);
    }
    DocumentError::renderer("pdf", reason)
}
