//! The parts around the body: types, relations, styles, fonts, header and footer.

use super::Media;
use super::xml::{Look, emu, field, graphic, paragraph, run, twips};
use crate::model::{Document, Style};
use crate::palette::MUTED;
use crate::text::escape;

pub(super) const DECLARATION: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\"";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

pub(super) fn content_types() -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let part = |name: &str, kind: &str| {
        format!("<Override PartName=\"/word/{name}.xml\" ContentType=\"{word}.{kind}+xml\"/>")
    };
    format!(
        "{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Default Extension=\"png\" ContentType=\"image/png\"/><Default Extension=\"jpg\" ContentType=\"image/jpeg\"/>{}{}{}{}{}{}{}{}\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
         <Override PartName=\"/docProps/app.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/></Types>",
        part("document", "document.main"),
        part("styles", "styles"),
        part("settings", "settings"),
        part("fontTable", "fontTable"),
        part("header1", "header"),
        part("footer1", "footer"),
        part("header2", "header"),
        part("footer2", "footer"),
    )
}

fn relations(list: &[(&str, &str, &str)]) -> String {
    let all: String = list
        .iter()
        .map(|(id, kind, target)| {
            format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
        })
        .collect();
    format!(
        "{DECLARATION}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{all}</Relationships>"
    )
}

pub(super) fn package_rels() -> String {
    relations(&[
        (
            "rId1",
            &format!("{RELATION}/officeDocument"),
            "word/document.xml",
        ),
        (
            "rId2",
            "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties",
            "docProps/core.xml",
        ),
        (
            "rId3",
            &format!("{RELATION}/extended-properties"),
            "docProps/app.xml",
        ),
    ])
}

pub(super) fn document_rels(media: &Media) -> String {
    let mut list: Vec<(String, String, String)> = [
        ("rIdStyles", "styles", "styles.xml"),
        ("rIdSettings", "settings", "settings.xml"),
        ("rIdFonts", "fontTable", "fontTable.xml"),
        ("rIdHeader1", "header", "header1.xml"),
        ("rIdFooter1", "footer", "footer1.xml"),
        ("rIdHeader2", "header", "header2.xml"),
        ("rIdFooter2", "footer", "footer2.xml"),
    ]
    .map(|(id, kind, target)| {
        (
            id.to_owned(),
            format!("{RELATION}/{kind}"),
            target.to_owned(),
        )
    })
    .into();
    for (i, (name, _)) in media.pictures.iter().enumerate() {
        list.push((
            format!("rIdPicture{}", i + 1),
            format!("{RELATION}/image"),
            format!("media/{name}"),
        ));
    }
    let list: Vec<(&str, &str, &str)> = list
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
        .collect();
    relations(&list)
}

pub(super) fn watermark_rels() -> String {
    relations(&[(
        "rIdWatermark",
        &format!("{RELATION}/image"),
        "media/watermark.png",
    )])
}

pub(super) fn core(document: &Document) -> String {
    let at = document
        .footer
        .printed_at
        .or_else(|| Some(document.cover.as_ref()?.date?.at(0, 0, 0, 0)));
    let created = at.map_or_else(String::new, |t| {
        let w3c = format!(
            "{}T{:02}:{:02}:{:02}Z",
            t.date(),
            t.hour(),
            t.minute(),
            t.second()
        );
        format!("<dcterms:created xsi:type=\"dcterms:W3CDTF\">{w3c}</dcterms:created>")
    });
    let mark = document.watermark.as_ref().map_or_else(String::new, |m| {
        format!("<cp:keywords>{}</cp:keywords>", escape(&m.text()))
    });
    format!(
        "{DECLARATION}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator>{created}{mark}</cp:coreProperties>",
        escape(&document.title.replace('\n', "")),
        escape(&document.header.provider),
    )
}

pub(super) fn app() -> String {
    format!(
        "{DECLARATION}<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Application>Anlan</Application></Properties>"
    )
}

pub(super) fn settings() -> String {
    format!(
        "{DECLARATION}<w:settings {W}><w:defaultTabStop w:val=\"420\"/><w:characterSpacingControl w:val=\"compressPunctuation\"/>\
         <w:compat><w:spaceForUL/><w:balanceSingleByteDoubleByteWidth/><w:doNotLeaveBackslashAlone/><w:ulTrailSpace/><w:doNotExpandShiftReturn/><w:adjustLineHeightInTable/><w:useFELayout/>\
         <w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat><w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:settings>"
    )
}

/// The named Chinese faces may not be shipped; each names what may stand in for it.
pub(super) fn font_table() -> String {
    let font = |name: &str, instead: &str, panose: &str, family: &str| {
        format!(
            "<w:font w:name=\"{name}\"><w:altName w:val=\"{instead}\"/><w:panose1 w:val=\"{panose}\"/><w:charset w:val=\"86\"/><w:family w:val=\"{family}\"/><w:pitch w:val=\"variable\"/></w:font>"
        )
    };
    format!(
        "{DECLARATION}<w:fonts {W}>{}{}{}{}<w:font w:name=\"Times New Roman\"><w:charset w:val=\"00\"/><w:family w:val=\"roman\"/><w:pitch w:val=\"variable\"/></w:font>\
         <w:font w:name=\"Arial\"><w:charset w:val=\"00\"/><w:family w:val=\"swiss\"/><w:pitch w:val=\"variable\"/></w:font></w:fonts>",
        font(
            "仿宋_GB2312",
            "仿宋,FangSong,Noto Serif CJK SC",
            "02010609030101010101",
            "modern"
        ),
        font(
            "楷体_GB2312",
            "楷体,KaiTi,Noto Serif CJK SC",
            "02010609030101010101",
            "modern"
        ),
        font(
            "宋体",
            "SimSun,Noto Serif CJK SC",
            "02010600030101010101",
            "auto"
        ),
        font(
            "黑体",
            "SimHei,Noto Sans CJK SC",
            "02010609060101010101",
            "modern"
        ),
    )
}

/// Size in half-points and line spacing (240 is single) of the body.
const fn body_set(style: Style) -> (u32, &'static str, &'static str) {
    match style {
        Style::Form => (
            24,
            "宋体",
            "<w:spacing w:after=\"40\" w:line=\"276\" w:lineRule=\"auto\"/>",
        ),
        Style::Report => (
            24,
            "宋体",
            "<w:spacing w:after=\"80\" w:line=\"360\" w:lineRule=\"auto\"/>",
        ),
        Style::Official => (
            32,
            "仿宋_GB2312",
            "<w:spacing w:line=\"579\" w:lineRule=\"exact\"/>",
        ),
    }
}

pub(super) fn styles(document: &Document) -> String {
    let (size, face, spacing) = body_set(document.style);
    let official = document.style == Style::Official;
    // 小四 in forms, 五号 in tables of figures. Exact lines: every font paginates alike.
    let cell_half = if document.style == Style::Form {
        24
    } else {
        21
    };
    let hei = "<w:rFonts w:ascii=\"Arial\" w:hAnsi=\"Arial\" w:eastAsia=\"黑体\" w:cs=\"Arial\"/>";
    let kai = "<w:rFonts w:eastAsia=\"楷体_GB2312\"/>";
    let sized = |half: u32| format!("<w:sz w:val=\"{half}\"/><w:szCs w:val=\"{half}\"/>");
    let heading = |level: u32, half: u32, fonts: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"Heading{level}\"><w:name w:val=\"heading {level}\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:qFormat/>\
             <w:pPr><w:keepNext/><w:keepLines/><w:spacing w:before=\"{}\" w:after=\"100\" w:line=\"300\" w:lineRule=\"auto\"/><w:jc w:val=\"left\"/><w:outlineLvl w:val=\"{}\"/></w:pPr><w:rPr>{fonts}{}</w:rPr></w:style>",
            if level == 1 { 280 } else { 200 },
            level - 1,
            sized(half),
        )
    };
    let toc = |level: u32, fonts: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"TOC{level}\"><w:name w:val=\"toc {level}\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:spacing w:after=\"60\"/><w:ind w:left=\"{}\"/></w:pPr><w:rPr>{fonts}{}</w:rPr></w:style>",
            (level - 1) * 420,
            sized(24),
        )
    };
    let plain = |id: &str, name: &str, properties: &str, run: &str| {
        format!(
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/><w:pPr>{properties}</w:pPr><w:rPr>{run}</w:rPr></w:style>"
        )
    };
    let headings = if official {
        heading(1, 32, hei) + &heading(2, 32, kai) + &heading(3, 32, "") + &heading(4, 32, "")
    } else {
        heading(1, 32, hei) + &heading(2, 28, hei) + &heading(3, 24, hei) + &heading(4, 24, hei)
    };
    format!(
        "{DECLARATION}<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"{face}\" w:cs=\"Times New Roman\"/>{}<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/><w:pPr>{spacing}<w:jc w:val=\"both\"/></w:pPr></w:style>{headings}{}{}{}{}{}{}{}{}</w:styles>",
        sized(size),
        plain(
            "Title",
            "Title",
            "<w:spacing w:before=\"0\" w:after=\"120\" w:line=\"620\" w:lineRule=\"exact\"/><w:jc w:val=\"center\"/>",
            &format!("{hei}{}", sized(44))
        ),
        plain(
            "Subtitle",
            "Subtitle",
            "<w:spacing w:after=\"160\"/><w:jc w:val=\"center\"/>",
            &sized(28)
        ),
        plain(
            "Cell",
            "Table Text",
            &format!(
                "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"{}\" w:lineRule=\"exact\"/><w:jc w:val=\"left\"/>",
                cell_half * 14
            ),
            &format!("<w:rFonts w:eastAsia=\"宋体\"/>{}", sized(cell_half)),
        ),
        plain(
            "Picture",
            "Picture",
            "<w:spacing w:before=\"0\" w:after=\"60\" w:line=\"240\" w:lineRule=\"auto\"/>",
            ""
        ),
        toc(1, hei),
        toc(2, ""),
        toc(3, ""),
        toc(4, ""),
    )
}

/// Project, then the two parties, above a rule.
pub(super) fn header(document: &Document) -> String {
    let look = Look::sized(9.0).coloured(Some(MUTED));
    let h = &document.header;
    let mark = watermark(document);
    let mut lines = String::new();
    if !h.project.is_empty() {
        lines += &paragraph("", FLAT, &run(&format!("项目名称：{}", h.project), look));
    }
    let labelled = |label: &str, name: &str| {
        if name.is_empty() {
            String::new()
        } else {
            format!("{label}：{name}")
        }
    };
    let (customer, provider) = (
        labelled("使用单位（甲方）", &h.customer),
        labelled("运维单位（乙方）", &h.provider),
    );
    let empty = lines.is_empty() && customer.is_empty() && provider.is_empty();
    let rule = if empty {
        String::new()
    } else {
        format!(
            "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"2\" w:color=\"{MUTED}\"/></w:pBdr>"
        )
    };
    let runs = format!(
        "{mark}{}<w:r><w:tab/></w:r>{}",
        run(&customer, look),
        run(&provider, look)
    );
    lines += &paragraph("", &format!("{rule}{}{FLAT}", right_tab(document)), &runs);
    format!("{DECLARATION}<w:hdr {W}>{lines}</w:hdr>")
}

const FLAT: &str = "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>";

fn right_tab(document: &Document) -> String {
    format!(
        "<w:tabs><w:tab w:val=\"right\" w:pos=\"{}\"/></w:tabs>",
        twips(document.text_width_mm())
    )
}

/// Version, print time and person; page x of y.
pub(super) fn footer(document: &Document) -> String {
    let look = Look::sized(9.0).coloured(Some(MUTED));
    let runs = format!(
        "{}<w:r><w:tab/></w:r>{}{}{}{}{}",
        run(&crate::paper::footer(document), look),
        run("第 ", look),
        field("PAGE", "1", look),
        run(" 页 / 共 ", look),
        field("NUMPAGES", "1", look),
        run(" 页", look),
    );
    format!(
        "{DECLARATION}<w:ftr {W}>{}</w:ftr>",
        paragraph("", &format!("{}{FLAT}", right_tab(document)), &runs)
    )
}

/// A title page shows neither; only the watermark.
pub(super) fn cover_header(document: &Document) -> String {
    format!(
        "{DECLARATION}<w:hdr {W}>{}</w:hdr>",
        paragraph("", FLAT, &watermark(document))
    )
}

pub(super) fn cover_footer() -> String {
    format!(
        "{DECLARATION}<w:ftr {W}>{}</w:ftr>",
        paragraph("", FLAT, "")
    )
}

/// A picture of the size of the page behind the text, anchored in the header.
fn watermark(document: &Document) -> String {
    if document.watermark.is_none() {
        return String::new();
    }
    let (width, height) = document.page_size_mm();
    let (cx, cy) = (emu(width), emu(height));
    format!(
        "<w:r><w:drawing><wp:anchor distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\" simplePos=\"0\" relativeHeight=\"1\" behindDoc=\"1\" locked=\"1\" layoutInCell=\"0\" allowOverlap=\"1\">\
         <wp:simplePos x=\"0\" y=\"0\"/><wp:positionH relativeFrom=\"page\"><wp:posOffset>0</wp:posOffset></wp:positionH><wp:positionV relativeFrom=\"page\"><wp:posOffset>0</wp:posOffset></wp:positionV>\
         <wp:extent cx=\"{cx}\" cy=\"{cy}\"/><wp:wrapNone/><wp:docPr id=\"9000\" name=\"水印\"/>{}</wp:anchor></w:drawing></w:r>",
        graphic("rIdWatermark", 9000, cx, cy)
    )
}
