//! Nothing a stranger writes can break out, crash or disappear.

use anlan_document::{
    Align, Block, Cell, Chart, ChartKind, Choice, Column, Cover, Document, FieldGrid, Figure,
    Fonts, Header, Paragraph, Party, Run, Series, Table, Target, Tone, Watermark, docx, html, pdf,
    xlsx,
};
use proptest::prelude::*;
use resvg::usvg::roxmltree::Document as Xml;

use crate::tools::{dense, pdf_text, text_part};

/// A document with the text in every place that takes one.
fn everywhere(line: &str, text: &str) -> Document {
    let mut d = Document::report(line);
    let name = || line.to_owned();
    d.subtitle = name();
    d.number = Some(name());
    d.header = Header {
        project: name(),
        customer: name(),
        provider: name(),
    };
    d.footer.printed_by = name();
    d.footer.version = name();
    d.watermark = Some(Watermark {
        user: name(),
        at: jiff::civil::DateTime::constant(2026, 11, 22, 14, 30, 0, 0),
    });
    d.cover = Some(Cover {
        lines: vec![(name(), name())],
        organisation: name(),
        date: None,
    });
    let table = Table {
        caption: name(),
        columns: vec![Column::new(name(), 1.0), Column::new("b", 1.0)],
        rows: vec![vec![Cell::from(text), Cell::from(1)]],
        total: false,
    };
    let chart = |kind| {
        Block::Chart(Chart {
            title: name(),
            kind,
            categories: vec![name(), "二".into()],
            series: vec![Series::new(name(), &[1.0, -2.0])],
            unit: name(),
            target: Some(Target {
                label: name(),
                value: 3.0,
            }),
            note: name(),
        })
    };
    let grid = FieldGrid::six_columns()
        .field(line, text)
        .choice(line, Choice::new(&[line], &[0]))
        .wide(line, text, 20.0);
    d.blocks = vec![
        Block::Toc { depth: 2 },
        Block::heading(1, name()),
        Block::Paragraph(Paragraph {
            runs: vec![Run {
                text: text.to_owned(),
                bold: true,
                tone: Some(Tone::Red),
            }],
            align: Some(Align::Center),
            indent: false,
        }),
        Block::List {
            ordered: true,
            items: vec![text.to_owned()],
        },
        Block::Grid(grid.build()),
        Block::Table(table),
        Block::Figures {
            items: vec![Figure {
                label: name(),
                value: line.into(),
                note: name(),
                tone: None,
            }],
        },
        chart(ChartKind::Line),
        chart(ChartKind::Bar),
        chart(ChartKind::StackedBar),
        chart(ChartKind::Pie),
        Block::Note {
            tone: Tone::Amber,
            text: text.to_owned(),
        },
        Block::Signatures {
            parties: vec![Party {
                opinion: text.to_owned(),
                ..Party::new(name(), name())
            }],
        },
    ];
    d
}

#[test]
fn markup_of_every_kind_is_only_text() {
    let tricks = [
        "#import \"@preview/x:1.0.0\"",
        "#read(\"/etc/passwd\")",
        "#panic(\"x\")",
        "*粗* _斜_ `码` $x^2$ // 注",
        "= 标题 <标签> @引用",
        "</w:t><w:t>&amp;]]>",
        "\\u{41} \\ #{1+1}",
    ];
    for trick in tricks {
        let mut d = Document::form(trick);
        d.blocks.push(Block::paragraph(trick));
        let printed = dense(&pdf_text(&pdf::render(&d, &Fonts::embedded()).unwrap()));
        assert!(
            printed.matches(&dense(trick)).count() >= 2,
            "{trick} in {printed}"
        );
        let body = text_part(&docx::render(&d).unwrap(), "word/document.xml");
        let xml = Xml::parse(&body).unwrap();
        assert_eq!(
            xml.descendants()
                .filter(|n| n.is_text())
                .filter_map(|n| n.text())
                .filter(|t| *t == trick)
                .count(),
            2
        );
    }
}

#[test]
fn a_word_without_end_wraps_inside_its_column() {
    let word = "x".repeat(5_000);
    let d = everywhere("名称", &word);
    let text = pdf_text(&pdf::render(&d, &Fonts::embedded()).unwrap());
    assert_eq!(text.matches('x').count() % 5_000, 0, "nothing is cut off");
    assert!(text.matches('x').count() >= 25_000);
}

#[test]
fn sums_of_control_marks_and_directions_render_everywhere() {
    let evil = "a\0\u{7}\u{1b}[31m\u{202e}金额\u{202c}\u{200d}\u{fffe}\u{10ffff}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}😀العربيةעברית\r\n=1+1";
    let d = everywhere(evil, evil);
    assert!(pdf::render(&d, &Fonts::embedded()).is_ok());
    check_text_formats(&d);
}

fn check_text_formats(d: &Document) {
    let file = docx::render(d).unwrap();
    for name in [
        "word/document.xml",
        "word/header1.xml",
        "word/footer1.xml",
        "docProps/core.xml",
    ] {
        Xml::parse(&text_part(&file, name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    let file = xlsx::render(d).unwrap();
    for name in [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
    ] {
        Xml::parse(&text_part(&file, name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    let page = html::render(d).unwrap();
    assert!(!page.to_lowercase().contains("<script"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_text_anywhere_gives_well_formed_files(line in "\\PC{0,40}", text in any::<String>()) {
        let mut d = everywhere(&line, &text);
        // Pages of the table of contents come from the PDF, which the next test covers.
        d.blocks.remove(0);
        check_text_formats(&d);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, ..ProptestConfig::default() })]
    #[test]
    fn any_text_anywhere_gives_a_pdf(line in any::<String>().prop_map(|s| s.chars().take(60).collect::<String>()), text in "(?s).{0,400}") {
        prop_assert!(pdf::render(&everywhere(&line, &text), &Fonts::embedded()).is_ok());
    }
}
