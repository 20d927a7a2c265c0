//! What a document is made of.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::chart::Chart;
use crate::grid::Grid;
use crate::palette::Tone;
use crate::value::Value;

/// A form or report, complete and independent of where its figures came from. As JSON it can be frozen, hashed with
/// [`Document::digest`] and rendered again at any time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The title, printed large and centred.
    pub title: String,
    /// A line below the title, e.g. the period of a report.
    #[serde(default)]
    pub subtitle: String,
    /// 编号, printed top right.
    #[serde(default)]
    pub number: Option<String>,
    /// How it is set.
    pub style: Style,
    /// Page direction.
    #[serde(default)]
    pub orientation: Orientation,
    /// Margins other than the style's own.
    #[serde(default)]
    pub margins: Option<Margins>,
    /// What stands at the top of every page.
    #[serde(default)]
    pub header: Header,
    /// What stands at the foot of every page.
    #[serde(default)]
    pub footer: Footer,
    /// Who took this copy, across every page.
    #[serde(default)]
    pub watermark: Option<Watermark>,
    /// Title page of a report.
    #[serde(default)]
    pub cover: Option<Cover>,
    /// The body.
    #[serde(default)]
    pub blocks: Vec<Block>,
}

/// How a document is set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// A form to fill and sign: 宋体, margins 25 mm.
    #[default]
    Form,
    /// A working report: 小四, one and a half lines, margins of GB/T 9704.
    Report,
    /// A formal report after GB/T 9704: 三号仿宋, 22 lines of 28 characters.
    Official,
}

/// Page direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orientation {
    /// Upright A4.
    #[default]
    Portrait,
    /// A4 on its side, for wide lists.
    Landscape,
}

/// Page margins in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// Above the text.
    pub top: f64,
    /// Below the text.
    pub bottom: f64,
    /// Left of the text.
    pub left: f64,
    /// Right of the text.
    pub right: f64,
}

impl Margins {
    /// 25 mm all round.
    pub const FORM: Self = Self {
        top: 25.0,
        bottom: 25.0,
        left: 25.0,
        right: 25.0,
    };
    /// GB/T 9704: 37 / 35 / 28 / 26 mm.
    pub const REPORT: Self = Self {
        top: 37.0,
        bottom: 35.0,
        left: 28.0,
        right: 26.0,
    };
}

/// What stands at the top of every page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Project or contract.
    #[serde(default)]
    pub project: String,
    /// 使用单位（甲方）.
    #[serde(default)]
    pub customer: String,
    /// 运维单位（乙方）.
    #[serde(default)]
    pub provider: String,
}

/// What stands at the foot of every page beside 第 x 页 / 共 y 页.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footer {
    /// 打印时间.
    #[serde(default)]
    pub printed_at: Option<DateTime>,
    /// 打印人.
    #[serde(default)]
    pub printed_by: String,
    /// Form and version, e.g. `F-01 第1版`.
    #[serde(default)]
    pub version: String,
}

/// Who took a copy, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// Name and login.
    pub user: String,
    /// When the copy was made.
    pub at: DateTime,
}

impl Watermark {
    /// `王芳 2026-11-22 14:30`.
    #[must_use]
    pub fn text(&self) -> String {
        format!(
            "{} {} {:02}:{:02}",
            self.user,
            self.at.date(),
            self.at.hour(),
            self.at.minute()
        )
    }
}

/// Title page of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Label and text, e.g. 编制, 审核, 批准.
    #[serde(default)]
    pub lines: Vec<(String, String)>,
    /// Who issues it.
    #[serde(default)]
    pub organisation: String,
    /// When.
    #[serde(default)]
    pub date: Option<Date>,
}

/// A piece of the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    /// 一、 （一） 1. （1）: numbered unless `plain`.
    Heading {
        /// 1 to 4.
        level: u8,
        /// Without its number.
        text: String,
        /// Without a number.
        #[serde(default)]
        plain: bool,
    },
    /// Running text.
    Paragraph(Paragraph),
    /// A list, with numbers or dots.
    List {
        /// 1. 2. 3. instead of dots.
        #[serde(default)]
        ordered: bool,
        /// One entry each.
        items: Vec<String>,
    },
    /// A form grid.
    Grid(Grid),
    /// A table of data.
    Table(Table),
    /// The few numbers that matter, large.
    Figures {
        /// Two to five.
        items: Vec<Figure>,
    },
    /// A chart.
    Chart(Chart),
    /// A boxed remark.
    Note {
        /// Its colour.
        tone: Tone,
        /// What it says.
        text: String,
    },
    /// Where the parties sign and seal.
    Signatures {
        /// One to three.
        parties: Vec<Party>,
    },
    /// A picture.
    Image(Image),
    /// Table of contents.
    Toc {
        /// Deepest heading level listed.
        depth: u8,
    },
    /// What follows starts on a new page.
    PageBreak,
}

/// Running text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Paragraph {
    /// Pieces with one look each.
    pub runs: Vec<Run>,
    /// Alignment; justified by default.
    #[serde(default)]
    pub align: Option<Align>,
    /// Begin with two characters' space, as Chinese text does.
    #[serde(default)]
    pub indent: bool,
}

/// A piece of text with one look.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The text; `\n` is a line end.
    pub text: String,
    /// 黑体.
    #[serde(default)]
    pub bold: bool,
    /// Colour with a meaning.
    #[serde(default)]
    pub tone: Option<Tone>,
}

/// Horizontal alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// A table of data; the head repeats on every page and a row stays on one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Above the table, e.g. `表1 各级事件数量`.
    #[serde(default)]
    pub caption: String,
    /// From left to right.
    pub columns: Vec<Column>,
    /// Each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// The last row is a total.
    #[serde(default)]
    pub total: bool,
}

/// A column of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Head.
    pub title: String,
    /// Width relative to the other columns.
    pub width: f64,
    /// Alignment other than by type (numbers right, text left).
    #[serde(default)]
    pub align: Option<Align>,
}

impl Column {
    /// A column with this head and relative width.
    #[must_use]
    pub fn new(title: impl Into<String>, width: f64) -> Self {
        Self {
            title: title.into(),
            width,
            align: None,
        }
    }

    /// The same column, centred.
    #[must_use]
    pub const fn centered(mut self) -> Self {
        self.align = Some(Align::Center);
        self
    }
}

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// What it holds.
    pub value: Value,
    /// Colour with a meaning; the text says the same.
    #[serde(default)]
    pub tone: Option<Tone>,
}

impl Cell {
    /// A cell whose text is coloured.
    #[must_use]
    pub fn toned(value: impl Into<Value>, tone: Tone) -> Self {
        Self {
            value: value.into(),
            tone: Some(tone),
        }
    }
}

impl<T: Into<Value>> From<T> for Cell {
    fn from(value: T) -> Self {
        Self {
            value: value.into(),
            tone: None,
        }
    }
}

impl Table {
    /// How a cell of this column is aligned.
    #[must_use]
    pub fn align(&self, column: usize, cell: &Cell) -> Align {
        let by_type = if cell.value.is_number() {
            Align::Right
        } else {
            Align::Left
        };
        self.columns
            .get(column)
            .and_then(|c| c.align)
            .unwrap_or(by_type)
    }
}

/// A number that matters.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What is counted.
    pub label: String,
    /// The number.
    pub value: Value,
    /// Beneath it: target, previous month.
    #[serde(default)]
    pub note: String,
    /// Kept, missed.
    #[serde(default)]
    pub tone: Option<Tone>,
}

/// A party that signs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// 运维单位, 监理单位, 业主单位.
    pub role: String,
    /// Name of the organisation, if known.
    #[serde(default)]
    pub organisation: String,
    /// Opinion, above the signature.
    #[serde(default)]
    pub opinion: String,
    /// Name, if signed electronically.
    #[serde(default)]
    pub signed_by: Option<String>,
    /// Day of signing.
    #[serde(default)]
    pub date: Option<Date>,
}

impl Party {
    /// A party that has not signed yet.
    #[must_use]
    pub fn new(role: impl Into<String>, organisation: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            organisation: organisation.into(),
            ..Self::default()
        }
    }
}

/// A picture in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// The file.
    #[serde(with = "as_base64")]
    pub bytes: Vec<u8>,
    /// What kind of file.
    pub format: ImageFormat,
    /// Printed width; at most the width of the text.
    pub width_mm: u16,
    /// Beneath the picture.
    #[serde(default)]
    pub caption: String,
}

/// Picture formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

impl Block {
    /// Running text with the usual indent.
    #[must_use]
    pub fn paragraph(text: impl Into<String>) -> Self {
        Self::Paragraph(Paragraph {
            runs: vec![Run {
                text: text.into(),
                ..Run::default()
            }],
            align: None,
            indent: true,
        })
    }

    /// A numbered heading.
    #[must_use]
    pub fn heading(level: u8, text: impl Into<String>) -> Self {
        Self::Heading {
            level,
            text: text.into(),
            plain: false,
        }
    }
}

impl Document {
    /// An empty form.
    #[must_use]
    pub fn form(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// An empty report.
    #[must_use]
    pub fn report(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            style: Style::Report,
            ..Self::default()
        }
    }

    /// The margins in use.
    #[must_use]
    pub fn page_margins(&self) -> Margins {
        self.margins.unwrap_or(if self.style == Style::Form {
            Margins::FORM
        } else {
            Margins::REPORT
        })
    }

    /// Page width and height in millimetres.
    #[must_use]
    pub const fn page_size_mm(&self) -> (f64, f64) {
        match self.orientation {
            Orientation::Portrait => (210.0, 297.0),
            Orientation::Landscape => (297.0, 210.0),
        }
    }

    /// Width of the text in millimetres.
    #[must_use]
    pub fn text_width_mm(&self) -> f64 {
        let margins = self.page_margins();
        (self.page_size_mm().0 - margins.left - margins.right).max(20.0)
    }

    /// SHA-256 of the document's JSON as lower-case hexadecimal: what an approval freezes. Watermark and footer tell of a
    /// copy, not of the content, and are left out.
    ///
    /// # Errors
    /// A number that is not finite cannot be written as JSON.
    pub fn digest(&self) -> Result<String, crate::DocumentError> {
        let content = Self {
            watermark: None,
            footer: Footer {
                version: self.footer.version.clone(),
                ..Footer::default()
            },
            ..self.clone()
        };
        let json =
            serde_json::to_vec(&content).map_err(|e| crate::DocumentError::renderer("json", e))?;
        Ok(hex::encode(Sha256::digest(json)))
    }
}

mod as_base64 {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD
            .decode(String::deserialize(deserializer)?)
            .map_err(D::Error::custom)
    }
}
