//! LibreOffice opens what we write, with the same text on the same number of pages.

use std::path::Path;

use anlan_document::{Column, Value, docx, form, xlsx};

use crate::samples;
use crate::tools::{dense, pdf_file_text, run};

/// The file as LibreOffice prints it.
fn printed(name: &str, package: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    // A profile of its own: two of them in one profile wait for each other.
    let profile = format!(
        "-env:UserInstallation=file://{}/profile",
        folder.path().display()
    );
    let arguments = [
        profile.as_ref(),
        "--headless".as_ref(),
        "--convert-to".as_ref(),
        "pdf".as_ref(),
        "--outdir".as_ref(),
        folder.path().as_os_str(),
        file.as_os_str(),
    ];
    run("soffice", package, &arguments);
    pdf_file_text(&Path::new(&file).with_extension("pdf"))
}

#[test]
fn libreoffice_prints_f01_on_two_pages() {
    let document = samples::with_frame(form::render(
        &samples::layout().unwrap(),
        &samples::incident(),
    ));
    let text = printed(
        "F-01.docx",
        "libreoffice-writer-nogui",
        &docx::render(&document).unwrap(),
    );
    assert_eq!(
        text.split('\u{c}').filter(|p| !p.trim().is_empty()).count(),
        2
    );
    for part in [
        "客户服务受理单",
        "INC-2026-000123",
        "☑监控告警",
        "签字：陈刚",
        "第2页/共2页",
    ] {
        assert!(dense(&text).contains(part), "{part}");
    }
}

#[test]
fn libreoffice_prints_the_monthly_report() {
    let text = printed(
        "report.docx",
        "libreoffice-writer-nogui",
        &docx::render(&samples::monthly()).unwrap(),
    );
    for part in [
        "系统运维服务月度报告",
        "一、综合情况",
        "表1各级事件数量与解决及时率",
        "业主单位（盖章）",
    ] {
        assert!(dense(&text).contains(part), "{part}");
    }
}

#[test]
fn libreoffice_reads_a_list() {
    let columns = [
        Column::new("编号", 1.0),
        Column::new("受理时间", 1.0),
        Column::new("及时率", 1.0),
        Column::new("用时", 1.0),
        Column::new("说明", 1.0),
    ];
    let at = jiff::civil::DateTime::constant(2026, 11, 22, 14, 30, 0, 0);
    let mut sheets = xlsx::Sheets::new("事件清单", Some(at), None);
    let row = vec![
        "INC-1".into(),
        at.into(),
        Value::Percent(0.99861, 3),
        Value::Duration(97_200),
        "=HYPERLINK(\"http://x\")".into(),
    ];
    sheets.add("事件清单", &columns, [row]).unwrap();
    let text = printed(
        "list.xlsx",
        "libreoffice-calc-nogui",
        &sheets.finish().unwrap(),
    );
    for part in [
        "编号",
        "2026-11-2214:30",
        "99.861%",
        "27:00:00",
        "=HYPERLINK(\"http://x\")",
    ] {
        assert!(dense(&text).contains(part), "{part} in {text}");
    }
}
