//! The PDF: text, fonts, freezing, limits.

use anlan_document::{
    Block, Cell, Chart, Column, Document, DocumentError, Face, Fonts, Image, ImageFormat,
    Orientation, Series, Table, Value, docx, html, pdf, xlsx,
};

use crate::samples;
use crate::tools::{dense, pdf_text, run};

fn render(document: &Document) -> Vec<u8> {
    pdf::render(document, &Fonts::embedded()).unwrap()
}

#[test]
fn r089_the_monthly_report_prints_its_figures() {
    let text = dense(&pdf_text(&render(&samples::monthly())));
    for part in [
        "系统运维服务月度报告",
        "2026年10月1日至2026年10月31日",
        "编号：月报〔2026〕010号",
        "目录",
        "一、综合情况",
        "（一）数量与分级",
        "事件总数",
        "98.84%",
        "99.861%",
        "表1各级事件数量与解决及时率",
        "图4门户网站10月可用率99.861%，低于承诺",
        "承诺99.99%",
        "运维单位（盖章）",
        "监理单位（盖章）",
        "业主单位（盖章）",
        "第6页/共6页",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn r367_the_watermark_names_user_and_time_on_every_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pdf");
    let write = |d: &Document| std::fs::write(&path, render(d)).unwrap();
    let poppler = |program: &str, arguments: &[&std::ffi::OsStr]| {
        String::from_utf8(run(program, "poppler-utils", arguments)).unwrap()
    };

    write(&samples::monthly());
    let images = poppler("pdfimages", &["-list".as_ref(), path.as_os_str()]);
    let pages: Vec<&str> = images
        .lines()
        .skip(2)
        .filter(|l| l.contains(" image ") && l.contains(" 1050 ") && l.contains(" icc "))
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert_eq!(pages, ["1", "2", "3", "4", "5", "6"], "{images}");
    assert!(poppler("pdfinfo", &[path.as_os_str()]).contains("王芳 wangfang 2026-11-02 09:15"));

    let mut plain = samples::monthly();
    plain.watermark = None;
    write(&plain);
    assert!(!poppler("pdfimages", &["-list".as_ref(), path.as_os_str()]).contains(" 1050 "));
    assert!(!poppler("pdfinfo", &[path.as_os_str()]).contains("wangfang"));
}

#[test]
fn fonts_are_embedded_as_subsets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pdf");
    let file = render(&samples::monthly());
    assert!(file.len() < 400_000, "{} bytes", file.len());
    std::fs::write(&path, file).unwrap();
    let fonts = String::from_utf8(run("pdffonts", "poppler-utils", &[path.as_os_str()])).unwrap();
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert_eq!(lines.len(), 2, "{fonts}");
    for line in lines {
        assert!(
            line.contains("+Anlan") && line.contains(" yes yes yes "),
            "{line}"
        );
    }
}

#[test]
fn rare_characters_of_names_are_printed() {
    let mut d = Document::form("名单");
    // From the 通用规范汉字表 beyond GB2312, one outside the basic plane.
    d.blocks
        .push(Block::paragraph("朱镕基 陶喆 㛃 䶮 堃 㙍 𬭎"));
    assert!(dense(&pdf_text(&render(&d))).contains("朱镕基陶喆㛃䶮堃㙍𬭎"));
}

#[test]
fn what_no_font_has_becomes_a_visible_box() {
    let mut d = Document::form("工单😀");
    d.footer.printed_at = Some(jiff::civil::DateTime::constant(2026, 11, 22, 14, 30, 0, 0));
    d.blocks.push(Block::paragraph("网站😀打不开 العربية"));
    d.blocks.push(Block::Chart(Chart {
        categories: vec!["😀".into()],
        series: vec![Series::new("s", &[1.0])],
        ..Chart::default()
    }));
    let text = dense(&pdf_text(&render(&d)));
    assert!(
        text.contains("工单□") && text.contains("网站□打不开□□□□□□□"),
        "{text}"
    );
}

#[test]
fn a_customers_own_font_comes_first() {
    let own = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fonts/AnlanHei.ttf")).unwrap();
    let fonts = Fonts::embedded().with(Face::Song, own).unwrap();
    let mut d = Document::form("表");
    d.blocks.push(Block::paragraph("正文"));
    assert_ne!(pdf::render(&d, &fonts).unwrap(), render(&d));
    assert_eq!(
        Fonts::embedded()
            .with(Face::Song, b"no font".to_vec())
            .unwrap_err()
            .to_string(),
        "font: not a TrueType or OpenType font"
    );
}

#[test]
fn a_frozen_report_is_the_same_after_storing() {
    let report = samples::monthly();
    let stored = serde_json::to_string(&report).unwrap();
    let again: Document = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, report);
    assert_eq!(again.digest().unwrap(), report.digest().unwrap());
    assert_eq!(render(&again), render(&report));

    let mut copy = report.clone();
    copy.watermark = None;
    copy.footer.printed_by = "李强".into();
    assert_eq!(
        copy.digest().unwrap(),
        report.digest().unwrap(),
        "a copy has the same content"
    );
    copy.blocks.pop();
    assert_ne!(copy.digest().unwrap(), report.digest().unwrap());
}

fn long_table(rows: i64) -> Document {
    let mut d = Document::report("清单");
    d.orientation = Orientation::Landscape;
    let row = |i: i64| {
        vec![
            Cell::from(format!("INC-{i:06}")),
            "门户网站无法打开".into(),
            Value::Duration(i * 60).into(),
        ]
    };
    let columns = vec![
        Column::new("编号", 2.0),
        Column::new("现象说明", 5.0),
        Column::new("用时", 2.0),
    ];
    d.blocks.push(Block::Table(Table {
        columns,
        rows: (0..rows).map(row).collect(),
        ..Table::default()
    }));
    d
}

#[test]
fn a_long_table_repeats_its_head_and_loses_no_row() {
    let file = render(&long_table(400));
    assert!(file.len() < 200_000, "{} bytes", file.len());
    let text = pdf_text(&file);
    let pages = text.split('\u{c}').filter(|p| p.contains("INC-")).count();
    assert!(pages > 10);
    assert_eq!(text.matches("现象说明").count(), pages);
    for i in 0..400 {
        assert!(text.contains(&format!("INC-{i:06}")), "row {i}");
    }
}

#[test]
fn ten_thousand_rows_are_drawn_and_more_are_refused() {
    let d = long_table(10_000);
    assert!(docx::render(&d).is_ok() && html::render(&d).is_ok() && xlsx::render(&d).is_ok());
    let error = docx::render(&long_table(10_001)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "blocks[0]: 10001 rows, at most 10000 allowed"
    );
}

#[test]
fn a_text_of_a_hundred_thousand_characters_is_printed_whole() {
    let mut d = Document::form("长文");
    let text: String = (0..12_500).map(|i| format!("第{i:05}句，")).collect();
    d.blocks.push(Block::Grid(
        anlan_document::FieldGrid::four_columns()
            .wide("经过", text, 30.0)
            .build(),
    ));
    let printed = dense(&pdf_text(&render(&d)));
    for i in (0..12_500).step_by(500) {
        assert!(printed.contains(&format!("第{i:05}句")), "sentence {i}");
    }
}

#[test]
fn a_damaged_picture_is_refused_not_drawn() {
    let mut png = anlan_document::chart::to_png(&Chart::default(), 1.0)
        .unwrap()
        .0;
    let image = |bytes| {
        Block::Image(Image {
            bytes,
            format: ImageFormat::Png,
            width_mm: 60,
            caption: String::new(),
        })
    };
    let mut d = Document::form("图");
    d.blocks = vec![image(png.clone())];
    assert!(pdf::render(&d, &Fonts::embedded()).is_ok());
    png.truncate(png.len() / 2);
    d.blocks = vec![image(png)];
    let error = pdf::render(&d, &Fonts::embedded()).unwrap_err();
    assert!(matches!(error, DocumentError::Invalid { .. }), "{error}");
}

#[test]
fn every_chart_is_drawn_and_an_empty_one_says_so() {
    let text = pdf_text(&render(&samples::charts()));
    for part in [
        "单位：次",
        "31日",
        "2.5万",
        "-3.2",
        "其他",
        "100.0%",
        "本期无数据",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
