//! A report on paper: cover, sections, signatures.

use anlan_document::{Block, Cover, Document, Figure, Footer, Party, Tone, Value, Watermark};
use jiff::tz::TimeZone;

use super::content::{Content, Section};
use super::rows::reports;
use crate::features::forms::local;
use crate::platform::at::At;

/// Figures that stand beside each other.
const BESIDE: usize = 5;
/// Rows of a table that are printed; who wants all of a long one takes the xlsx.
const PRINTED: usize = 200;
/// What is printed where nothing was written.
const NOTHING: &str = "无。";

/// Who takes a copy, and when.
pub struct Copy<'a> {
    /// Name of the reader.
    pub by: &'a str,
    /// Now.
    pub at: At,
    /// The project's time zone.
    pub zone: &'a TimeZone,
    /// Whether long tables are wanted to their last row: on a sheet, not on paper.
    pub whole: bool,
}

/// The document of a report.
pub fn document(report: &reports::Model, content: &Content, copy: &Copy<'_>) -> Document {
    let mut document = Document::report(format!("{}\n{}", content.header.customer, content.title));
    document.subtitle.clone_from(&content.period);
    document.number = Some(content.number.clone());
    document.header = content.header.clone();
    let now = local(copy.at, copy.zone);
    document.footer = Footer {
        printed_at: Some(now),
        printed_by: copy.by.to_owned(),
        version: content.form.clone(),
    };
    document.watermark = Some(Watermark {
        user: copy.by.to_owned(),
        at: now,
    });
    let approved = report.approved_at.map(|at| local(at, copy.zone).date());
    document.cover = Some(Cover {
        lines: vec![
            ("项　目".into(), content.header.project.clone()),
            ("编　号".into(), content.number.clone()),
            ("批　准".into(), report.approved_name.clone()),
        ],
        organisation: content.header.provider.clone(),
        date: Some(approved.unwrap_or_else(|| local(content.computed_at, copy.zone).date())),
    });
    let blocks = &mut document.blocks;
    blocks.push(Block::Toc { depth: 1 });
    blocks.push(Block::PageBreak);
    if report.state == "draft" {
        blocks.push(Block::Note {
            tone: Tone::Amber,
            text: "草稿：尚未批准，数据和文字可能还会变化。".into(),
        });
    }
    let mut numbers = Numbers::default();
    for section in &content.sections {
        // 附件 comes after the signatures and begins a page.
        if section.key == "appendix" {
            sign(blocks, report, content);
            blocks.push(Block::PageBreak);
        }
        print(blocks, section, &mut numbers, copy.whole);
    }
    if !content
        .sections
        .iter()
        .any(|section| section.key == "appendix")
    {
        sign(blocks, report, content);
    }
    document
}

/// Tables and charts count on through the report.
#[derive(Default)]
struct Numbers {
    tables: u32,
    charts: u32,
}

fn print(blocks: &mut Vec<Block>, section: &Section, numbers: &mut Numbers, whole: bool) {
    blocks.push(Block::heading(1, section.title.as_str()));
    let items: Vec<Figure> = section
        .figures
        .iter()
        .map(|figure| Figure {
            label: figure.label.clone(),
            value: figure.value.clone(),
            note: figure.note.clone(),
            tone: figure.tone,
        })
        .collect();
    for some in items.chunks(BESIDE) {
        blocks.push(Block::Figures {
            items: some.to_vec(),
        });
    }
    let mut written = false;
    for text in section
        .text
        .lines()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        blocks.push(Block::paragraph(text));
        written = true;
    }
    if !written && section.tables.is_empty() && section.charts.is_empty() {
        blocks.push(Block::paragraph(NOTHING));
    }
    for chart in &section.charts {
        numbers.charts += 1;
        let mut chart = chart.clone();
        chart.title = format!("图{}　{}", numbers.charts, chart.title);
        blocks.push(Block::Chart(chart));
    }
    for counted in &section.tables {
        numbers.tables += 1;
        let mut table = counted.table.clone();
        table.caption = format!("表{}　{}", numbers.tables, table.caption);
        let rows = table.rows.len();
        if !whole {
            table.rows.truncate(PRINTED);
        }
        blocks.push(Block::Table(table));
        if !whole && rows > PRINTED {
            blocks.push(Block::paragraph(format!(
                "以上为前 {PRINTED} 行，全表共 {rows} 行，见本报告的 Excel 文件。"
            )));
        }
    }
}

fn sign(blocks: &mut Vec<Block>, report: &reports::Model, content: &Content) {
    // A page to be signed, and none on which an office program leaves the heading without its table.
    blocks.push(Block::PageBreak);
    blocks.push(Block::heading(1, "确认"));
    if let (Some(hash), Some(_)) = (&report.hash, report.approved_at) {
        blocks.push(Block::paragraph(format!(
            "本报告已由{}批准并定稿，数据指纹（SHA-256）：{hash}",
            report.approved_name
        )));
    }
    blocks.push(Block::Signatures {
        parties: vec![
            Party::new("运维单位", content.header.provider.as_str()),
            Party::new("监理单位", ""),
            Party::new("使用单位", content.header.customer.as_str()),
        ],
    });
}

/// A value as plain text or number, for the API: as the cells of the paper say it.
pub fn plain(value: &Value) -> serde_json::Value {
    match value {
        Value::Empty => serde_json::Value::Null,
        Value::Integer(n) => (*n).into(),
        other => other.brief().into(),
    }
}
