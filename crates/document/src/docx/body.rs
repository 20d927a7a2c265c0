//! `word/document.xml`: the blocks one after the other.

use super::Media;
use super::cells;
use super::xml::{Look, SEAM, justify, paragraph, picture, run, twips};
use crate::chart::{Chart, to_png};
use crate::error::DocumentError;
use crate::model::{
    Align, Block, Cover, Document, Image, ImageFormat, Orientation, Paragraph, Style,
};
use crate::palette::{MUTED, Tone};
use crate::paper::Paper;
use crate::value::Value;

const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\"";
/// Pixels per chart unit: about 260 dpi in print.
const CHART_SCALE: f32 = 2.5;
pub(super) fn document_xml(
    document: &Document,
    media: &mut Media,
) -> Result<String, DocumentError> {
    let mut body = head(document);
    let toc = toc_entries(document)?;
    let mut heading = 0;
    for block in &document.blocks {
        body += &block_xml(block, document, media, &toc, &mut heading)?;
    }
    // The last table needs a paragraph behind it.
    body += SEAM;
    Ok(format!(
        "{}<w:document {NAMESPACES}><w:body>{body}{}</w:body></w:document>",
        super::parts::DECLARATION,
        section(document)
    ))
}

fn section(document: &Document) -> String {
    let (width, height) = document.page_size_mm();
    let m = document.page_margins();
    let orient = if document.orientation == Orientation::Landscape {
        " w:orient=\"landscape\""
    } else {
        ""
    };
    let cover = if document.cover.is_some() {
        "<w:titlePg/>"
    } else {
        ""
    };
    // GB/T 9704: 22 lines on a page.
    let lines = if document.style == Style::Official {
        "<w:docGrid w:type=\"lines\" w:linePitch=\"579\"/>"
    } else {
        ""
    };
    format!(
        "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdHeader1\"/><w:headerReference w:type=\"first\" r:id=\"rIdHeader2\"/>\
         <w:footerReference w:type=\"default\" r:id=\"rIdFooter1\"/><w:footerReference w:type=\"first\" r:id=\"rIdFooter2\"/>\
         <w:pgSz w:w=\"{}\" w:h=\"{}\"{orient}/><w:pgMar w:top=\"{}\" w:right=\"{}\" w:bottom=\"{}\" w:left=\"{}\" w:header=\"{}\" w:footer=\"{}\" w:gutter=\"0\"/>{cover}{lines}</w:sectPr>",
        twips(width),
        twips(height),
        twips(m.top),
        twips(m.right),
        twips(m.bottom),
        twips(m.left),
        twips((m.top - 16.0).max(5.0)),
        twips((m.bottom - 13.0).max(5.0)),
    )
}

/// Title page, or title above the text.
fn head(document: &Document) -> String {
    let number = document.number.as_ref().map(|n| format!("编号：{n}"));
    if let Some(cover) = &document.cover {
        return cover_page(document, cover, number.as_deref());
    }
    let mut out = paragraph("Title", "", &run(&document.title, Look::PLAIN));
    if !document.subtitle.is_empty() {
        out += &paragraph("Subtitle", "", &run(&document.subtitle, Look::PLAIN));
    }
    if let Some(number) = number {
        out += &paragraph(
            "",
            &format!(
                "<w:spacing w:before=\"0\" w:after=\"60\" w:line=\"300\" w:lineRule=\"exact\"/>{}",
                justify(Align::Right)
            ),
            &run(&number, Look::sized(10.5)),
        );
    }
    out
}

fn cover_page(document: &Document, cover: &Cover, number: Option<&str>) -> String {
    // Distances are those of an upright page; on a page on its side they shrink.
    let scale = (document.page_size_mm().1 / 297.0).powi(2);
    let center = justify(Align::Center);
    let line = |before_mm: f64, points: f64| {
        let (before, line) = (twips(before_mm * scale), (points * 28.0).round());
        format!(
            "<w:spacing w:before=\"{before}\" w:after=\"0\" w:line=\"{line}\" w:lineRule=\"exact\"/>{center}"
        )
    };
    let date = cover
        .date
        .map(|d| Value::Date(d).text())
        .unwrap_or_default();
    paragraph(
        "",
        justify(Align::Right),
        &run(number.unwrap_or(""), Look::hei(12.0)),
    ) + &paragraph(
        "",
        &line(32.0, 26.0),
        &run(&document.title, Look::hei(26.0)),
    ) + &paragraph(
        "",
        &line(7.0, 16.0),
        &run(&document.subtitle, Look::sized(16.0)),
    ) + &paragraph("", &line(34.0, 2.0), "")
        + &cells::cover_lines(&cover.lines)
        + &paragraph(
            "",
            &line(34.0, 16.0),
            &run(&cover.organisation, Look::sized(16.0)),
        )
        + &paragraph("", &line(2.0, 16.0), &run(&date, Look::sized(16.0)))
        + PAGE_BREAK
}

/// In the smallest paragraph, so that it never starts a page of its own.
const PAGE_BREAK: &str = "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"20\" w:lineRule=\"exact\"/></w:pPr><w:r><w:br w:type=\"page\"/></w:r></w:p>";

/// A line of the table of contents.
struct Entry {
    level: u8,
    text: String,
    page: String,
}

/// Every heading. Its page is the one of the PDF: what Word shows until somebody updates the field.
fn toc_entries(document: &Document) -> Result<Vec<Entry>, DocumentError> {
    let listed = document
        .blocks
        .iter()
        .any(|b| matches!(b, Block::Toc { .. }));
    let pages = if listed {
        crate::pdf::heading_pages(document)?
    } else {
        Vec::new()
    };
    let headings = document.blocks.iter().filter_map(|b| match b {
        Block::Heading { level, text, .. } => Some((*level, text.clone())),
        _ => None,
    });
    let entry = |(i, (level, text))| {
        let page = pages.get(i).map(ToString::to_string).unwrap_or_default();
        Entry { level, text, page }
    };
    Ok(headings.enumerate().map(entry).collect())
}

fn block_xml(
    block: &Block,
    document: &Document,
    media: &mut Media,
    toc: &[Entry],
    heading: &mut usize,
) -> Result<String, DocumentError> {
    let paper = Paper::of(document);
    let width = paper.width_mm;
    Ok(match block {
        Block::Heading { level, text, .. } => {
            *heading += 1;
            let mark = format!(
                "<w:bookmarkStart w:id=\"{heading}\" w:name=\"_Toc{heading:06}\"/>{}<w:bookmarkEnd w:id=\"{heading}\"/>",
                run(text, Look::PLAIN)
            );
            paragraph(&format!("Heading{level}"), "", &mark)
        }
        Block::Paragraph(p) => text_paragraph(p),
        Block::List { ordered, items } => list(*ordered, items),
        Block::Grid(grid) => cells::grid(grid, paper) + SEAM,
        Block::Table(table) => caption(&table.caption) + &cells::data_table(table, paper) + GAP,
        Block::Figures { items } => cells::figures(items, width) + GAP,
        Block::Chart(chart) => chart_xml(chart, width, media)?,
        Block::Note { tone, text } => note(*tone, text),
        Block::Signatures { parties } => GAP.to_owned() + &cells::signatures(parties, paper) + SEAM,
        Block::Image(image) => image_xml(image, width, media)?,
        Block::Toc { depth } => contents(toc, *depth, width),
        Block::PageBreak => PAGE_BREAK.to_owned(),
    })
}

/// Space behind a table.
const GAP: &str = "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"160\" w:lineRule=\"exact\"/></w:pPr></w:p>";

fn text_paragraph(p: &Paragraph) -> String {
    let runs: String = p
        .runs
        .iter()
        .map(|r| {
            run(
                &r.text,
                if r.bold { Look::HEI } else { Look::PLAIN }.coloured(r.tone.map(Tone::ink)),
            )
        })
        .collect();
    let indent = if p.indent {
        "<w:ind w:firstLineChars=\"200\" w:firstLine=\"480\"/>"
    } else {
        ""
    };
    paragraph(
        "",
        &format!("{indent}{}", p.align.map_or("", justify)),
        &runs,
    )
}

fn list(ordered: bool, items: &[String]) -> String {
    let entry = |(i, item): (usize, &String)| {
        let sign = if ordered {
            format!("{}.", i + 1)
        } else {
            "·".to_owned()
        };
        let runs = run(&sign, Look::PLAIN) + "<w:r><w:tab/></w:r>" + &run(item, Look::PLAIN);
        paragraph(
            "",
            "<w:tabs><w:tab w:val=\"left\" w:pos=\"840\"/></w:tabs><w:ind w:left=\"840\" w:hanging=\"420\"/>",
            &runs,
        )
    };
    items.iter().enumerate().map(entry).collect()
}

fn caption(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    paragraph(
        "",
        &format!(
            "<w:keepNext/><w:spacing w:before=\"160\" w:after=\"80\"/>{}",
            justify(Align::Center)
        ),
        &run(text, Look::hei(10.5)),
    )
}

fn note(tone: Tone, text: &str) -> String {
    let border = format!(
        "<w:pBdr><w:left w:val=\"single\" w:sz=\"24\" w:space=\"6\" w:color=\"{}\"/></w:pBdr>",
        tone.ink()
    );
    let shade = format!(
        "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{}\"/>",
        tone.wash()
    );
    let rest = "<w:spacing w:before=\"120\" w:after=\"120\"/><w:ind w:left=\"170\"/>";
    paragraph(
        "",
        &format!("{border}{shade}{rest}"),
        &run(text, Look::sized(10.5)),
    )
}

fn chart_xml(chart: &Chart, width_mm: f64, media: &mut Media) -> Result<String, DocumentError> {
    let (png, px, py) = to_png(chart, CHART_SCALE)?;
    let number = media.add(png, "png");
    let height = width_mm * f64::from(py) / f64::from(px);
    let mut out = String::new();
    if !chart.title.is_empty() {
        out += &paragraph(
            "",
            "<w:keepNext/><w:spacing w:before=\"160\" w:after=\"60\"/>",
            &run(&chart.title, Look::hei(10.5)),
        );
    }
    let keep = if chart.note.is_empty() {
        ""
    } else {
        "<w:keepNext/>"
    };
    out += &paragraph(
        "Picture",
        keep,
        &picture(number, width_mm, height, &chart.title),
    );
    if !chart.note.is_empty() {
        out += &paragraph(
            "",
            "<w:spacing w:before=\"40\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/>",
            &run(&chart.note, Look::sized(9.0).coloured(Some(MUTED))),
        );
    }
    Ok(out)
}

fn image_xml(image: &Image, width_mm: f64, media: &mut Media) -> Result<String, DocumentError> {
    let (px, py) = crate::prepare::dimensions(image, "image")?;
    let width = f64::from(image.width_mm).min(width_mm);
    // A picture higher than a page could not be placed.
    let scale = (220.0 / (width * f64::from(py) / f64::from(px))).min(1.0);
    let (width, height) = (width * scale, width * scale * f64::from(py) / f64::from(px));
    let number = media.add(
        image.bytes.clone(),
        if image.format == ImageFormat::Png {
            "png"
        } else {
            "jpg"
        },
    );
    let mut out = paragraph(
        "Picture",
        justify(Align::Center),
        &picture(number, width, height, &image.caption),
    );
    if !image.caption.is_empty() {
        out += &paragraph(
            "",
            justify(Align::Center),
            &run(&image.caption, Look::sized(10.5)),
        );
    }
    Ok(out)
}

/// A table of contents Word can update, already filled with the headings.
fn contents(entries: &[Entry], depth: u8, width_mm: f64) -> String {
    let mut out = paragraph(
        "",
        &format!("<w:spacing w:after=\"200\"/>{}", justify(Align::Center)),
        &run("目　录", Look::hei(18.0)),
    );
    let listed: Vec<(usize, &Entry)> = entries
        .iter()
        .enumerate()
        .filter(|(_, e)| e.level <= depth)
        .collect();
    for (k, (i, Entry { level, text, page })) in listed.iter().enumerate() {
        let begin = format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> TOC \\o \"1-{depth}\" \\h </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>"
        );
        let begin = if k == 0 { begin } else { String::new() };
        let end = if k + 1 == listed.len() {
            "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        } else {
            ""
        };
        let anchor = format!("_Toc{:06}", i + 1);
        let page = super::xml::field(&format!("PAGEREF {anchor} \\h"), page, Look::PLAIN);
        let link = format!(
            "<w:hyperlink w:anchor=\"{anchor}\">{}<w:r><w:tab/></w:r>{page}</w:hyperlink>",
            run(text, Look::PLAIN)
        );
        let tabs = format!(
            "<w:tabs><w:tab w:val=\"right\" w:leader=\"dot\" w:pos=\"{}\"/></w:tabs>",
            twips(width_mm)
        );
        out += &paragraph(
            &format!("TOC{level}"),
            &tabs,
            &format!("{begin}{link}{end}"),
        );
    }
    out
}
