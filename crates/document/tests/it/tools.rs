//! Looking into finished files.

use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;

/// A part of a zip package.
pub fn part(file: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).expect("a zip file");
    let mut bytes = Vec::new();
    archive
        .by_name(name)
        .unwrap_or_else(|e| panic!("{name}: {e}"))
        .read_to_end(&mut bytes)
        .expect("readable");
    bytes
}

/// A part as text.
pub fn text_part(file: &[u8], name: &str) -> String {
    String::from_utf8(part(file, name)).expect("UTF-8")
}

/// Names of all parts.
pub fn parts(file: &[u8]) -> Vec<String> {
    let archive = zip::ZipArchive::new(Cursor::new(file)).expect("a zip file");
    archive
        .file_names()
        .map(|n| n.expect("a lawful name").into_owned())
        .collect()
}

/// Runs a program of the test host; says which Debian package is missing.
pub fn run(program: &str, package: &str, arguments: &[&std::ffi::OsStr]) -> Vec<u8> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("{program}: {e}; apt-get install {package}"));
    assert!(
        output.status.success(),
        "{program} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// The text of a PDF in the order it was drawn, pages parted by form feeds.
pub fn pdf_text(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file.pdf");
    std::fs::write(&path, pdf).expect("written");
    pdf_file_text(&path)
}

/// The same of a file on disk.
pub fn pdf_file_text(path: &Path) -> String {
    let arguments = ["-raw".as_ref(), path.as_os_str(), "-".as_ref()];
    String::from_utf8(run("pdftotext", "poppler-utils", &arguments)).expect("UTF-8")
}

/// Text without white space, to search whatever the line breaks are.
pub fn dense(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{200b}')
        .collect()
}

/// Text whose runs are joined, of every element of this local name.
pub fn texts(xml: &str, name: &str) -> Vec<String> {
    let document = resvg::usvg::roxmltree::Document::parse(xml).expect("well-formed XML");
    let inside = |n: resvg::usvg::roxmltree::Node<'_, '_>| {
        n.descendants()
            .filter(|d| d.has_tag_name_local("t"))
            .filter_map(|t| t.text().map(str::to_owned))
            .collect::<String>()
    };
    document
        .descendants()
        .filter(|n| n.has_tag_name_local(name))
        .map(inside)
        .collect()
}

/// Tag names whatever their namespace.
pub trait LocalName {
    /// Whether this is an element of that name.
    fn has_tag_name_local(&self, name: &str) -> bool;
}

impl LocalName for resvg::usvg::roxmltree::Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}
