//! Word documents of plain features, so that Word, WPS and LibreOffice show the same: paragraphs, fixed-width tables, PNG
//! pictures, one header and footer. The package is written part by part: the head row that repeats, the watermark behind the
//! text and the declared substitute fonts are all ordinary WordprocessingML (ECMA-376 part 1).

mod body;
mod cells;
mod parts;
mod xml;

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::error::DocumentError;
use crate::model::Document;
use crate::prepare::prepare;

/// The document as docx; the same bytes for the same document.
///
/// # Errors
/// The document breaks a limit ([`crate::prepare()`]).
pub fn render(document: &Document) -> Result<Vec<u8>, DocumentError> {
    let prepared = prepare(document)?;
    let mut media = Media::default();
    let mut files = Vec::new();
    let body = body::document_xml(&prepared, &mut media)?;
    if let Some(mark) = &prepared.watermark {
        media.watermark = Some(crate::watermark::png(mark, &prepared)?);
    }
    files.push((
        "[Content_Types].xml".to_owned(),
        parts::content_types().into_bytes(),
    ));
    files.push(("_rels/.rels".to_owned(), parts::package_rels().into_bytes()));
    files.push((
        "docProps/core.xml".to_owned(),
        parts::core(&prepared).into_bytes(),
    ));
    files.push(("docProps/app.xml".to_owned(), parts::app().into_bytes()));
    files.push(("word/document.xml".to_owned(), body.into_bytes()));
    files.push((
        "word/_rels/document.xml.rels".to_owned(),
        parts::document_rels(&media).into_bytes(),
    ));
    files.push((
        "word/styles.xml".to_owned(),
        parts::styles(&prepared).into_bytes(),
    ));
    files.push((
        "word/settings.xml".to_owned(),
        parts::settings().into_bytes(),
    ));
    files.push((
        "word/fontTable.xml".to_owned(),
        parts::font_table().into_bytes(),
    ));
    files.push((
        "word/header1.xml".to_owned(),
        parts::header(&prepared).into_bytes(),
    ));
    files.push((
        "word/footer1.xml".to_owned(),
        parts::footer(&prepared).into_bytes(),
    ));
    files.push((
        "word/header2.xml".to_owned(),
        parts::cover_header(&prepared).into_bytes(),
    ));
    files.push((
        "word/footer2.xml".to_owned(),
        parts::cover_footer().into_bytes(),
    ));
    if let Some(png) = media.watermark.take() {
        files.push((
            "word/_rels/header1.xml.rels".to_owned(),
            parts::watermark_rels().into_bytes(),
        ));
        files.push((
            "word/_rels/header2.xml.rels".to_owned(),
            parts::watermark_rels().into_bytes(),
        ));
        files.push(("word/media/watermark.png".to_owned(), png));
    }
    for (name, bytes) in media.pictures {
        files.push((format!("word/media/{name}"), bytes));
    }
    pack(files)
}

/// Pictures of the document, in the order of their relationship ids.
#[derive(Default)]
struct Media {
    pictures: Vec<(String, Vec<u8>)>,
    watermark: Option<Vec<u8>>,
}

impl Media {
    /// Adds a picture and returns its number, from 1.
    fn add(&mut self, bytes: Vec<u8>, extension: &str) -> usize {
        let number = self.pictures.len() + 1;
        self.pictures
            .push((format!("picture{number}.{extension}"), bytes));
        number
    }
}

fn pack(files: Vec<(String, Vec<u8>)>) -> Result<Vec<u8>, DocumentError> {
    let fail = |e: zip::result::ZipError| DocumentError::renderer("docx", e);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    // The default time stamp is fixed (1980), so that equal documents stay equal.
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (name, bytes) in files {
        archive.start_file(name, options).map_err(fail)?;
        archive
            .write_all(&bytes)
            .map_err(|e| DocumentError::renderer("docx", e))?;
    }
    Ok(archive.finish().map_err(fail)?.into_inner())
}
