//! Pieces of WordprocessingML. Text from the document passes through [`escape`] here and nowhere else.

use crate::model::Align;
use crate::text::escape;

/// Millimetres as twentieths of a point.
pub(super) fn twips(mm: f64) -> i64 {
    (mm * 1440.0 / 25.4).round() as i64
}

/// Millimetres as English metric units.
pub(super) fn emu(mm: f64) -> i64 {
    (mm * 36_000.0).round() as i64
}

/// Word cannot put a table right behind another: the smallest paragraph stands between them.
pub(super) const SEAM: &str = "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/><w:rPr><w:sz w:val=\"2\"/></w:rPr></w:pPr></w:p>";

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    /// 黑体 instead of the style's face.
    pub hei: bool,
    /// 宋体 for every character.
    pub song: bool,
    /// Size in points; 0: the style's.
    pub points: f64,
    /// `rrggbb`.
    pub colour: Option<&'static str>,
}

impl Look {
    pub const PLAIN: Self = Self {
        hei: false,
        song: false,
        points: 0.0,
        colour: None,
    };

    /// For check boxes.
    pub const BOX: Self = Self {
        hei: false,
        song: true,
        points: 0.0,
        colour: None,
    };
    /// 黑体 in the size of the style.
    pub const HEI: Self = Self::hei(0.0);

    pub const fn sized(points: f64) -> Self {
        Self {
            hei: false,
            song: false,
            points,
            colour: None,
        }
    }

    pub const fn hei(points: f64) -> Self {
        Self {
            hei: true,
            song: false,
            points,
            colour: None,
        }
    }

    pub const fn coloured(mut self, colour: Option<&'static str>) -> Self {
        self.colour = colour;
        self
    }

    fn properties(self) -> String {
        // Without the hint, signs such as □ “ … are set in the Latin face.
        let mut out = if self.hei {
            "<w:rFonts w:hint=\"eastAsia\" w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:eastAsia=\"黑体\" w:cs=\"Arial\"/>".to_owned()
        } else if self.song {
            "<w:rFonts w:hint=\"eastAsia\" w:ascii=\"宋体\" w:hAnsi=\"宋体\" w:eastAsia=\"宋体\"/>"
                .to_owned()
        } else {
            "<w:rFonts w:hint=\"eastAsia\"/>".to_owned()
        };
        if let Some(colour) = self.colour {
            out += &format!("<w:color w:val=\"{colour}\"/>");
        }
        if self.points > 0.0 {
            let half = (self.points * 2.0).round();
            out += &format!("<w:sz w:val=\"{half}\"/><w:szCs w:val=\"{half}\"/>");
        }
        format!("<w:rPr>{out}</w:rPr>")
    }
}

/// A run; `\n` becomes a line break.
pub(super) fn run(text: &str, look: Look) -> String {
    let mut out = format!("<w:r>{}", look.properties());
    for (i, line) in text.split('\n').enumerate() {
        if i > 0 {
            out.push_str("<w:br/>");
        }
        out.push_str("<w:t xml:space=\"preserve\">");
        out.push_str(&escape(line));
        out.push_str("</w:t>");
    }
    out.push_str("</w:r>");
    out
}

/// A field such as PAGE, with the text shown until it is updated.
pub(super) fn field(code: &str, shown: &str, look: Look) -> String {
    let p = look.properties();
    format!(
        "<w:r>{p}<w:fldChar w:fldCharType=\"begin\"/></w:r><w:r>{p}<w:instrText xml:space=\"preserve\"> {code} </w:instrText></w:r>\
         <w:r>{p}<w:fldChar w:fldCharType=\"separate\"/></w:r>{}<w:r>{p}<w:fldChar w:fldCharType=\"end\"/></w:r>",
        run(shown, look)
    )
}

/// A paragraph: its style, further properties in schema order, its runs.
pub(super) fn paragraph(style: &str, properties: &str, runs: &str) -> String {
    let style = if style.is_empty() {
        String::new()
    } else {
        format!("<w:pStyle w:val=\"{style}\"/>")
    };
    format!("<w:p><w:pPr>{style}{properties}</w:pPr>{runs}</w:p>")
}

pub(super) const fn justify(align: Align) -> &'static str {
    match align {
        Align::Left => "<w:jc w:val=\"left\"/>",
        Align::Center => "<w:jc w:val=\"center\"/>",
        Align::Right => "<w:jc w:val=\"right\"/>",
    }
}

/// A picture standing in the line.
pub(super) fn picture(number: usize, width_mm: f64, height_mm: f64, alt: &str) -> String {
    let (cx, cy, alt) = (emu(width_mm), emu(height_mm), escape(alt));
    format!(
        "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{cx}\" cy=\"{cy}\"/>\
         <wp:docPr id=\"{number}\" name=\"图{number}\" descr=\"{alt}\"/>{}</wp:inline></w:drawing></w:r>",
        graphic(&format!("rIdPicture{number}"), number, cx, cy)
    )
}

/// The `a:graphic` of a picture.
pub(super) fn graphic(relation: &str, number: usize, cx: i64, cy: i64) -> String {
    format!(
        "<a:graphic xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
         <pic:pic xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"{relation}\"/><pic:cNvPicPr/></pic:nvPicPr>\
         <pic:blipFill><a:blip r:embed=\"{relation}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>"
    )
}
