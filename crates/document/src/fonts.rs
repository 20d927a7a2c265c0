//! The typefaces documents are set in.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

/// The two faces a Chinese document needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// 宋体: running text.
    Song,
    /// 黑体: titles, headings, labels, charts.
    Hei,
}

static SONG: &[u8] = include_bytes!("../fonts/AnlanSong.ttf");
static HEI: &[u8] = include_bytes!("../fonts/AnlanHei.ttf");

/// Font files in the order they are asked for a glyph: the customer's own first, then the embedded ones, which cover
/// GB2312, GBK (song) and the 通用规范汉字表.
#[derive(Debug, Clone)]
pub struct Fonts {
    pub(crate) song: Vec<Loaded>,
    pub(crate) hei: Vec<Loaded>,
}

#[derive(Debug, Clone)]
pub(crate) struct Loaded {
    pub family: String,
    pub font: typst::text::Font,
    glyphs: Arc<HashSet<u32>>,
}

static EMBEDDED: LazyLock<Fonts> = LazyLock::new(|| Fonts {
    song: load(Cow::Borrowed(SONG)).into_iter().collect(),
    hei: load(Cow::Borrowed(HEI)).into_iter().collect(),
});

fn load(bytes: Cow<'static, [u8]>) -> Option<Loaded> {
    let data = match bytes {
        Cow::Borrowed(slice) => typst::foundations::Bytes::new(slice),
        Cow::Owned(vec) => typst::foundations::Bytes::new(vec),
    };
    let font = typst::text::Font::new(data, 0)?;
    Some(Loaded {
        family: font.info().family.as_str().to_owned(),
        glyphs: Arc::new(font.info().coverage.iter().collect()),
        font,
    })
}

impl Fonts {
    /// The fonts that come with the program.
    #[must_use]
    pub fn embedded() -> Self {
        EMBEDDED.clone()
    }

    /// The same with the customer's own font (TrueType or OpenType, e.g. a licensed 仿宋) before them.
    ///
    /// # Errors
    /// The bytes are no font.
    pub fn with(mut self, face: Face, file: Vec<u8>) -> Result<Self, crate::DocumentError> {
        let loaded = load(Cow::Owned(file)).ok_or_else(|| {
            crate::DocumentError::invalid("font", "not a TrueType or OpenType font")
        })?;
        match face {
            Face::Song => self.song.insert(0, loaded),
            Face::Hei => self.hei.insert(0, loaded),
        }
        Ok(self)
    }

    /// The text with □ for every character that no font has: a gap in a signed paper would change its meaning.
    pub(crate) fn show_missing(&self, text: &str) -> String {
        let shown = |c: char| c == '\n' || self.all().any(|f| f.glyphs.contains(&u32::from(c)));
        text.chars()
            .map(|c| if shown(c) { c } else { '□' })
            .collect()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Loaded> {
        self.song.iter().chain(&self.hei)
    }

    /// Families for running text, then for headings, each ending in the other so that no glyph is lost.
    pub(crate) fn families(&self) -> (Vec<&str>, Vec<&str>) {
        fn names<'a>(first: &'a [Loaded], then: &'a [Loaded]) -> Vec<&'a str> {
            first
                .iter()
                .chain(then)
                .map(|f| f.family.as_str())
                .collect()
        }
        (names(&self.song, &self.hei), names(&self.hei, &self.song))
    }
}

/// The embedded font files, for the chart renderer.
pub(crate) const fn embedded_files() -> [&'static [u8]; 2] {
    [HEI, SONG]
}
