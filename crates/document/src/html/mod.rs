//! The document as one self-contained page: the paper on screen, the same paper when printed from the browser.
//!
//! No script, no inline attribute, nothing loaded: it may be served with
//! `Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; img-src data:`.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::chart::{Chart, to_svg};
use crate::error::DocumentError;
use crate::grid::{BLANK_DATE, Choice, Content, Grid, GridCell, GridRow, Role, Sign};
use crate::model::{
    Align, Block, Cover, Document, Figure, Image, ImageFormat, Paragraph, Party, Style, Table,
};
use crate::palette::Tone;
use crate::paper::{Paper, begins_at_top, cell_align, footer};
use crate::prepare::prepare;
use crate::text::{breakable, escape};
use crate::value::Value;

/// The document as a complete HTML page.
///
/// # Errors
/// The document breaks a limit ([`crate::prepare()`]).
pub fn render(document: &Document) -> Result<String, DocumentError> {
    let document = prepare(document)?;
    let style = match document.style {
        Style::Form => "form",
        Style::Report => "report",
        Style::Official => "report official",
    };
    let mut body = document
        .watermark
        .as_ref()
        .map(|mark| watermark(&mark.text()))
        .unwrap_or_default();
    body += &header(&document);
    body += &head(&document);
    let mut headings = 0;
    for block in &document.blocks {
        if matches!(block, Block::Heading { .. }) {
            headings += 1;
        }
        block_html(block, &document, headings, &mut body);
    }
    let foot = tag("footer", &text(&footer(&document)));
    Ok(format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>\
         <style>{}{}{}</style></head><body class=\"{style}\"><main>{body}{foot}</main></body></html>\n",
        escape(&document.title.replace('\n', "")),
        include_str!("paper.css"),
        tone_css(),
        page_css(&document),
    ))
}

/// Text with line ends and break points.
fn text(s: &str) -> String {
    escape(&breakable(s))
        .replace('\u{200b}', "<wbr>")
        .replace('\n', "<br>")
}

fn tag(name: &str, inside: &str) -> String {
    let end = name.split(' ').next().unwrap_or(name);
    format!("<{name}>{inside}</{end}>")
}

/// Page size, margins and the running head and foot.
fn page_css(document: &Document) -> String {
    let (width, height) = document.page_size_mm();
    let m = document.page_margins();
    let h = &document.header;
    let labelled = |label: &str, name: &str| {
        if name.is_empty() {
            String::new()
        } else {
            format!("{label}：{name}")
        }
    };
    let left = [
        labelled("项目名称", &h.project),
        labelled("使用单位（甲方）", &h.customer),
    ]
    .join("\n");
    let right = labelled("运维单位（乙方）", &h.provider);
    let boxed = |place: &str, content: &str| {
        format!(
            "@{place}{{content:{content};font:9pt SimSun,'Noto Serif CJK SC',serif;color:#555b66;white-space:pre;vertical-align:bottom;padding:2mm 0}}"
        )
    };
    let page = "\"第 \" counter(page) \" 页 / 共 \" counter(pages) \" 页\"";
    let cover = if document.cover.is_some() {
        "@page:first{@top-left{content:none}@top-right{content:none}@bottom-left{content:none}@bottom-right{content:none}}"
    } else {
        ""
    };
    format!(
        "@page{{size:{width}mm {height}mm;margin:{}mm {}mm {}mm {}mm;{}{}{}{}}}{cover}main{{width:{width}mm;min-height:{height}mm;padding:{}mm {}mm {}mm {}mm}}.cover{{min-height:{}mm}}",
        m.top,
        m.right,
        m.bottom,
        m.left,
        boxed("top-left", &css_string(&left)),
        boxed("top-right", &css_string(&right)),
        boxed("bottom-left", &css_string(&footer(document))),
        boxed("bottom-right", page),
        m.top,
        m.right,
        m.bottom,
        m.left,
        height - m.top - m.bottom - 2.0,
    )
}

/// A CSS string in which nothing but letters stands as itself.
fn css_string(s: &str) -> String {
    let mut out = String::from("\"");
    for c in s.chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\{:x} ", u32::from(c));
        }
    }
    out.push('"');
    out
}

/// On screen only: in print it runs in the margin of every page.
fn header(document: &Document) -> String {
    let h = &document.header;
    let part = |label: &str, name: &str| {
        if name.is_empty() {
            String::new()
        } else {
            tag("span", &format!("{label}：{}", text(name)))
        }
    };
    let parts = part("项目名称", &h.project)
        + &part("使用单位（甲方）", &h.customer)
        + &part("运维单位（乙方）", &h.provider);
    if parts.is_empty() {
        parts
    } else {
        tag("header", &parts)
    }
}

fn head(document: &Document) -> String {
    let number = document
        .number
        .as_ref()
        .map(|n| tag("p class=\"number\"", &format!("编号：{}", text(n))))
        .unwrap_or_default();
    let title = tag("h1 class=\"title\"", &text(&document.title));
    let subtitle = if document.subtitle.is_empty() {
        String::new()
    } else {
        tag("p class=\"subtitle\"", &text(&document.subtitle))
    };
    match &document.cover {
        None => title + &subtitle + &number,
        Some(cover) => tag(
            "section class=\"cover\"",
            &(number + &title + &subtitle + &cover_lines(cover)),
        ),
    }
}

fn cover_lines(cover: &Cover) -> String {
    let line = |(label, value): &(String, String)| {
        tag(
            "tr",
            &(tag("th", &format!("{}：", text(label))) + &tag("td", &text(value))),
        )
    };
    let date = cover
        .date
        .map(|d| Value::Date(d).text())
        .unwrap_or_default();
    tag(
        "table class=\"lines\"",
        &cover.lines.iter().map(line).collect::<String>(),
    ) + &tag(
        "p class=\"issuer\"",
        &format!("{}<br>{}", text(&cover.organisation), text(&date)),
    )
}

fn watermark(mark: &str) -> String {
    format!(
        "<div class=\"mark\" aria-hidden=\"true\"><svg width=\"100%\" height=\"100%\"><defs><pattern id=\"mark\" width=\"300\" height=\"230\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(-28)\">\
         <text x=\"10\" y=\"60\" font-size=\"19\" fill=\"#000\" fill-opacity=\"0.09\">{}</text></pattern></defs><rect width=\"100%\" height=\"100%\" fill=\"url(#mark)\"/></svg></div>",
        escape(mark)
    )
}

fn block_html(block: &Block, document: &Document, headings: usize, out: &mut String) {
    *out += &match block {
        Block::Heading { level, text: t, .. } => {
            tag(&format!("h{} id=\"h{headings}\"", level + 1), &text(t))
        }
        Block::Paragraph(p) => paragraph(p),
        Block::List { ordered, items } => {
            let items: String = items.iter().map(|i| tag("li", &text(i))).collect();
            tag(if *ordered { "ol" } else { "ul" }, &items)
        }
        Block::Grid(grid) => grid_html(grid, Paper::of(document)),
        Block::Table(table) => table_html(table, Paper::of(document)),
        Block::Figures { items } => tag(
            "div class=\"figures\"",
            &items.iter().map(figure).collect::<String>(),
        ),
        Block::Chart(chart) => chart_html(chart),
        Block::Note { tone, text: t } => {
            tag(&format!("p class=\"note {}\"", class(*tone)), &text(t))
        }
        Block::Signatures { parties } => tag(
            "table class=\"box signatures\"",
            &tag("tr", &parties.iter().map(party).collect::<String>()),
        ),
        Block::Image(image) => image_html(image),
        Block::Toc { depth } => contents(document, *depth),
        Block::PageBreak => "<div class=\"page-break\"></div>".to_owned(),
    };
}

/// The colours of the product, from their one table.
fn tone_css() -> String {
    let rule = |t: Tone| {
        let (class, ink, wash) = (class(t), t.ink(), t.wash());
        format!(
            ".{class}{{color:#{ink}}}.note.{class}{{background:#{wash};border-color:#{ink};color:#000}}"
        )
    };
    Tone::SERIES.map(rule).concat()
}

const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Green => "green",
        Tone::Blue => "blue",
        Tone::Amber => "amber",
        Tone::Red => "red",
        Tone::Grey => "grey",
        Tone::Violet => "violet",
    }
}

const fn side(align: Align) -> &'static str {
    match align {
        Align::Left => "left",
        Align::Center => "center",
        Align::Right => "right",
    }
}

fn paragraph(p: &Paragraph) -> String {
    let run = |r: &crate::model::Run| {
        let inside = if r.bold {
            tag("b", &text(&r.text))
        } else {
            text(&r.text)
        };
        r.tone.map_or_else(
            || inside.clone(),
            |t| tag(&format!("span class=\"{}\"", class(t)), &inside),
        )
    };
    let classes = format!(
        "{} {}",
        if p.indent { "indent" } else { "" },
        p.align.map_or("", side)
    );
    tag(
        &format!("p class=\"{}\"", classes.trim()),
        &p.runs.iter().map(run).collect::<String>(),
    )
}

fn columns(widths: impl Iterator<Item = f64> + Clone) -> String {
    let total: f64 = widths.clone().sum();
    tag(
        "colgroup",
        &widths
            .map(|w| format!("<col width=\"{:.3}%\">", 100.0 * w / total))
            .collect::<String>(),
    )
}

fn grid_html(grid: &Grid, paper: Paper) -> String {
    let part = |s: crate::grid::Segment<'_>| {
        let row = |r: &GridRow| grid_row(r, paper);
        let head: String = s.rows[..s.heads].iter().map(row).collect();
        let body: String = s.rows[s.heads..].iter().map(row).collect();
        let head = if head.is_empty() {
            head
        } else {
            tag("thead", &head)
        };
        tag(
            "table class=\"box grid\"",
            &(columns([1.0; 24].into_iter()) + &head + &tag("tbody", &body)),
        )
    };
    tag(
        "div class=\"grids\"",
        &grid.segments().map(part).collect::<String>(),
    )
}

fn grid_row(row: &GridRow, paper: Paper) -> String {
    let class = match (row.keep_with_next, paper.grid_row_whole(row)) {
        (true, _) => " class=\"keep\"",
        (_, true) => "",
        _ => " class=\"splits\"",
    };
    tag(
        &format!("tr{class}"),
        &row.cells
            .iter()
            .map(|c| grid_cell(c, row))
            .collect::<String>(),
    )
}

fn grid_cell(cell: &GridCell, row: &GridRow) -> String {
    let inside = match &cell.content {
        Content::Value { value } => text(&value.text()),
        Content::Choice(choice) => marks(choice),
        Content::Sign(sign) => sign_html(sign),
    };
    let (name, class) = match cell.role {
        Role::Value if begins_at_top(cell, row) => ("td", "top"),
        Role::Value => ("td", ""),
        Role::Label | Role::Head => ("th", ""),
        Role::Section => ("th", "section"),
    };
    // Heights are CSS pixels: 96 to the inch.
    let height = if row.min_height_mm > 0.0 {
        format!(" height=\"{:.0}\"", row.min_height_mm * 96.0 / 25.4)
    } else {
        String::new()
    };
    tag(
        &format!(
            "{name} colspan=\"{}\" class=\"{class} {}\"{height}",
            cell.units,
            side(cell_align(cell))
        ),
        &inside,
    )
}

fn marks(choice: &Choice) -> String {
    choice
        .options
        .iter()
        .map(|m| tag("span class=\"choice\"", &text(&m.text())))
        .collect::<Vec<_>>()
        .join(" ")
}

fn sign_html(sign: &Sign) -> String {
    let seal = if sign.seal { "（盖章）" } else { "" };
    let line = tag(
        "span",
        &format!("签字：{}", text(sign.name.as_deref().unwrap_or_default())),
    ) + &tag("span", &format!("日期：{}", spaced(&sign.date_text())));
    tag(
        "div class=\"sign\"",
        &(tag("div", &(text(&sign.label) + seal)) + &tag("div class=\"sign-line\"", &line)),
    )
}

/// Gaps to write in, which HTML would close.
fn spaced(date: &str) -> String {
    escape(date).replace(' ', "&nbsp;")
}

fn table_html(table: &Table, paper: Paper) -> String {
    let caption = if table.caption.is_empty() {
        String::new()
    } else {
        tag("caption", &text(&table.caption))
    };
    let head = tag(
        "tr",
        &table
            .columns
            .iter()
            .map(|c| tag("th", &text(&c.title)))
            .collect::<String>(),
    );
    let mut body = String::new();
    for (r, row) in table.rows.iter().enumerate() {
        let total = table.total && r + 1 == table.rows.len();
        let cell = |(c, cell): (usize, &crate::model::Cell)| {
            let classes = format!(
                "{} {}",
                side(table.align(c, cell)),
                cell.tone.map_or("", class)
            );
            tag(
                &format!("td class=\"{}\"", classes.trim()),
                &text(&cell.value.brief()),
            )
        };
        let whole = paper.table_row_whole(table, row);
        let class = format!(
            "{} {}",
            if total { "total" } else { "" },
            if whole { "" } else { "splits" }
        );
        body += &tag(
            &format!("tr class=\"{}\"", class.trim()),
            &row.iter().enumerate().map(cell).collect::<String>(),
        );
    }
    if table.rows.is_empty() {
        body = tag(
            "tr",
            &tag(
                &format!(
                    "td class=\"center grey\" colspan=\"{}\"",
                    table.columns.len()
                ),
                "无",
            ),
        );
    }
    let widths = columns(table.columns.iter().map(|c| c.width));
    tag(
        "table class=\"box data\"",
        &(caption + &widths + &tag("thead", &head) + &tag("tbody", &body)),
    )
}

fn figure(f: &Figure) -> String {
    let number = tag(
        &format!("strong class=\"{}\"", f.tone.map_or("", class)),
        &text(&f.value.text()),
    );
    tag(
        "div",
        &(tag("span", &text(&f.label)) + &number + &tag("span", &text(&f.note))),
    )
}

fn chart_html(chart: &Chart) -> String {
    let title = tag("figcaption", &text(&chart.title));
    let note = if chart.note.is_empty() {
        String::new()
    } else {
        tag("p class=\"source\"", &text(&chart.note))
    };
    tag("figure class=\"chart\"", &(title + &to_svg(chart) + &note))
}

fn party(p: &Party) -> String {
    let more: String = [&p.organisation, &p.opinion]
        .into_iter()
        .filter(|t| !t.is_empty())
        .map(|t| tag("div", &text(t)))
        .collect();
    let date = p
        .date
        .map_or_else(|| BLANK_DATE.to_owned(), |d| Value::Date(d).text());
    let line = tag(
        "div",
        &format!("签字：{}", text(p.signed_by.as_deref().unwrap_or_default())),
    ) + &tag("div", &format!("日期：{}", spaced(&date)));
    tag(
        "td",
        &tag(
            "div class=\"sign\"",
            &(tag(
                "div",
                &(tag("b", &format!("{}（盖章）：", text(&p.role))) + &more),
            ) + &tag("div", &line)),
        ),
    )
}

fn image_html(image: &Image) -> String {
    let kind = if image.format == ImageFormat::Png {
        "png"
    } else {
        "jpeg"
    };
    let width = f64::from(image.width_mm) * 96.0 / 25.4;
    let picture = format!(
        "<img width=\"{width:.0}\" alt=\"{}\" src=\"data:image/{kind};base64,{}\">",
        escape(&image.caption),
        STANDARD.encode(&image.bytes)
    );
    let caption = if image.caption.is_empty() {
        String::new()
    } else {
        tag("figcaption", &text(&image.caption))
    };
    tag("figure class=\"picture\"", &(picture + &caption))
}

fn contents(document: &Document, depth: u8) -> String {
    let headings = document.blocks.iter().filter_map(|b| {
        if let Block::Heading { level, text, .. } = b {
            Some((*level, text))
        } else {
            None
        }
    });
    let entry = |(i, (level, t)): (usize, (u8, &String))| {
        tag(
            &format!("li class=\"level{level}\""),
            &tag(&format!("a href=\"#h{}\"", i + 1), &text(t)),
        )
    };
    let list: String = headings
        .enumerate()
        .filter(|(_, (level, _))| *level <= depth)
        .map(entry)
        .collect();
    tag(
        "nav",
        &(tag("p class=\"toc-title\"", "目　录") + &tag("ol", &list)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, Column, Header};

    #[test]
    fn no_text_becomes_markup_or_style() {
        let evil = "</style><script>alert(1)</script>\"'&</td>\\\u{202e}";
        let mut d = Document::report(evil);
        d.header = Header {
            project: evil.into(),
            customer: evil.into(),
            provider: evil.into(),
        };
        d.number = Some(evil.into());
        d.watermark = Some(crate::Watermark {
            user: evil.into(),
            at: jiff::civil::DateTime::constant(2026, 11, 22, 14, 30, 0, 0),
        });
        d.blocks = vec![
            Block::heading(1, evil),
            Block::paragraph(evil),
            Block::Note {
                tone: Tone::Red,
                text: evil.into(),
            },
            Block::Table(Table {
                caption: evil.into(),
                columns: vec![Column::new(evil, 1.0)],
                rows: vec![vec![Cell::from(evil)]],
                total: false,
            }),
            Block::Chart(Chart {
                title: evil.into(),
                categories: vec![evil.into()],
                series: vec![crate::Series::new(evil, &[1.0])],
                unit: evil.into(),
                ..Chart::default()
            }),
            Block::Signatures {
                parties: vec![Party::new(evil, evil)],
            },
        ];
        let page = render(&d).unwrap();
        assert!(
            !page.contains("<script") && !page.contains("alert(1)</"),
            "{page}"
        );
        assert_eq!(page.matches("</style>").count(), 1);
        assert!(!page.contains('\u{202e}'));
    }

    #[test]
    fn css_strings_cannot_be_left() {
        assert_eq!(css_string("a\"}\n"), "\"a\\22 \\7d \\a \"");
    }
}
