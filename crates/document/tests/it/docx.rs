//! The package Word gets.

use anlan_document::{docx, form};
use resvg::usvg::roxmltree::Document as Xml;

use crate::samples;
use crate::tools::{LocalName, dense, part, parts, text_part, texts};

#[test]
fn every_part_is_well_formed_and_every_relation_leads_somewhere() {
    let file = docx::render(&samples::monthly()).unwrap();
    let names = parts(&file);
    for name in names
        .iter()
        .filter(|n| n.ends_with(".xml") || n.ends_with(".rels"))
    {
        let text = text_part(&file, name);
        Xml::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    for name in names.iter().filter(|n| n.ends_with(".rels")) {
        let base = if name.starts_with("word/") {
            "word/"
        } else {
            ""
        };
        let text = text_part(&file, name);
        for relation in Xml::parse(&text)
            .unwrap()
            .descendants()
            .filter_map(|n| n.attribute("Target"))
        {
            assert!(
                names.contains(&format!("{base}{relation}")),
                "{name}: {relation}"
            );
        }
    }
    let body = text_part(&file, "word/document.xml");
    let xml = Xml::parse(&body).unwrap();
    let used: Vec<&str> = xml
        .descendants()
        .filter(|n| n.has_tag_name_local("blip"))
        .flat_map(|n| n.attributes())
        .map(|a| a.value())
        .collect();
    assert_eq!(
        used,
        ["rIdPicture1", "rIdPicture2", "rIdPicture3", "rIdPicture4"]
    );
    assert!(part(&file, "word/media/picture1.png").starts_with(b"\x89PNG"));
}

#[test]
fn heads_repeat_rows_stay_whole_and_grids_add_up() {
    let file = docx::render(&form::render(
        &samples::layout().unwrap(),
        &samples::incident(),
    ))
    .unwrap();
    let body = text_part(&file, "word/document.xml");
    let xml = Xml::parse(&body).unwrap();
    let rows: Vec<_> = xml
        .descendants()
        .filter(|n| n.has_tag_name_local("tr"))
        .collect();
    assert!(
        rows.iter()
            .all(|r| r.descendants().any(|n| n.has_tag_name_local("cantSplit")))
    );
    let heads: Vec<String> = rows
        .iter()
        .filter(|r| r.descendants().any(|n| n.has_tag_name_local("tblHeader")))
        .map(|r| {
            r.descendants()
                .filter(|n| n.has_tag_name_local("t"))
                .filter_map(|t| t.text())
                .collect()
        })
        .collect();
    assert_eq!(
        heads,
        [
            "四、处理情况（处理方式：电话、远程、现场、二线、三线）",
            "处理时间处理人处理方式处理内容用时"
        ]
    );
    for row in &rows {
        let spans: u32 = row
            .children()
            .filter(|n| n.has_tag_name_local("tc"))
            .map(|c| {
                c.descendants()
                    .find(|n| n.has_tag_name_local("gridSpan"))
                    .and_then(|n| n.attributes().next())
                    .map_or(1, |a| a.value().parse().unwrap())
            })
            .sum();
        assert_eq!(spans, 24);
    }
}

#[test]
fn named_chinese_fonts_come_with_substitutes() {
    let file = docx::render(&samples::monthly()).unwrap();
    let fonts = text_part(&file, "word/fontTable.xml");
    for (name, instead) in [
        ("仿宋_GB2312", "FangSong"),
        ("宋体", "SimSun"),
        ("黑体", "SimHei"),
    ] {
        let entry = fonts
            .split("<w:font ")
            .find(|f| f.contains(&format!("w:name=\"{name}\"")))
            .unwrap();
        assert!(
            entry.contains("<w:altName") && entry.contains(instead),
            "{entry}"
        );
    }
}

#[test]
fn header_footer_watermark_and_page_numbers_are_there() {
    let file = docx::render(&samples::monthly()).unwrap();
    let header = text_part(&file, "word/header1.xml");
    for text in [
        "某市政务服务平台运行维护项目",
        "使用单位（甲方）：某市政务服务中心",
        "运维单位（乙方）：安澜信息技术有限公司",
        "behindDoc=\"1\"",
    ] {
        assert!(header.contains(text), "{text}");
    }
    let footer = text_part(&file, "word/footer1.xml");
    for text in [
        " PAGE ",
        " NUMPAGES ",
        "打印时间：2026年11月2日 09:15",
        "打印人：王芳",
        "F-54 第1版",
    ] {
        assert!(footer.contains(text), "{text}");
    }
    assert!(part(&file, "word/media/watermark.png").starts_with(b"\x89PNG"));
    let mut plain = samples::monthly();
    plain.watermark = None;
    assert!(
        !parts(&docx::render(&plain).unwrap())
            .iter()
            .any(|n| n.contains("watermark"))
    );
}

#[test]
fn the_table_of_contents_is_filled_with_pages() {
    let file = docx::render(&samples::monthly()).unwrap();
    let body = text_part(&file, "word/document.xml");
    let lines: Vec<String> = texts(&body, "hyperlink");
    assert_eq!(lines.first().map(String::as_str), Some("一、综合情况3"));
    assert!(dense(&lines.join("")).contains("五、确认6"));
}

#[test]
fn f01_filled_reads_like_this() {
    let file = docx::render(&form::render(
        &samples::layout().unwrap(),
        &samples::incident(),
    ))
    .unwrap();
    let body = text_part(&file, "word/document.xml");
    let xml = Xml::parse(&body).unwrap();
    let row = |r: resvg::usvg::roxmltree::Node<'_, '_>| {
        let cell = |c: resvg::usvg::roxmltree::Node<'_, '_>| {
            c.descendants()
                .filter(|n| n.has_tag_name_local("t"))
                .filter_map(|t| t.text())
                .collect::<String>()
        };
        r.children()
            .filter(|n| n.has_tag_name_local("tc"))
            .map(cell)
            .collect::<Vec<_>>()
            .join(" | ")
    };
    let rows: Vec<String> = xml
        .descendants()
        .filter(|n| n.has_tag_name_local("tr"))
        .map(row)
        .collect();
    insta::assert_snapshot!("f01_filled", rows.join("\n"));
}
