//! The only world the template can see.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::fonts::Fonts;

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));
static TEMPLATE: LazyLock<Source> =
    LazyLock::new(|| Source::detached(include_str!("document.typ")));

/// Names are interned for ever by the compiler, so that they come from a small fixed set.
fn id(path: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern())
}

/// The path of the n-th picture.
pub(super) fn picture_path(n: usize, extension: &str) -> String {
    format!("/{n}.{extension}")
}

pub(super) struct Memory {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
    files: Vec<(FileId, Bytes)>,
}

impl Memory {
    /// A world of the data, the pictures by their path, and the fonts.
    pub fn new(data: Vec<u8>, pictures: Vec<(String, Vec<u8>)>, fonts: &Fonts) -> Self {
        let fonts: Vec<Font> = fonts.all().map(|f| f.font.clone()).collect();
        let book = LazyHash::new(FontBook::from_fonts(&fonts));
        let data = ("/data.json".to_owned(), data);
        let files = std::iter::once(data)
            .chain(pictures)
            .filter_map(|(path, bytes)| Some((id(&path)?, Bytes::new(bytes))))
            .collect();
        Self { fonts, book, files }
    }
}

impl World for Memory {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        TEMPLATE.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == TEMPLATE.id() {
            Ok(TEMPLATE.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files
            .iter()
            .find(|f| f.0 == id)
            .map(|f| f.1.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    /// A document says its dates itself; the template must not know what day it is.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
