//! How long each renderer takes on large documents: `cargo run -p anlan-document --example measure`.

use anlan_document::*;
use std::time::Instant;

fn timed<T>(
    name: &str,
    work: impl FnOnce() -> Result<T, DocumentError>,
) -> Result<T, DocumentError> {
    let begin = Instant::now();
    let result = work()?;
    println!("{name}: {:.2} s", begin.elapsed().as_secs_f64());
    Ok(result)
}

fn main() -> Result<(), DocumentError> {
    let fonts = Fonts::embedded();
    for rows in std::env::args().skip(1).filter_map(|a| a.parse().ok()) {
        let mut d = Document::report("事件清单");
        d.orientation = Orientation::Landscape;
        let columns = ["编号", "受理时间", "单位", "现象", "级别", "用时", "状态"];
        let columns: Vec<Column> = columns
            .into_iter()
            .zip([2.0, 2.4, 2.0, 6.0, 1.2, 1.4, 1.2])
            .map(|(t, w)| Column::new(t, w))
            .collect();
        let row = |i: i64| -> Vec<Cell> {
            vec![
                format!("INC-2026-{i:06}").into(),
                jiff::civil::DateTime::constant(2026, 10, 14, 9, 12, 0, 0).into(),
                "某市政务服务中心".into(),
                "门户网站首页返回502，办事群众反映无法打开入口。".into(),
                "三级".into(),
                Value::Duration(60 * i).into(),
                Cell::toned("已关闭", Tone::Green),
            ]
        };
        let rows_made = (0..rows).map(row).collect();
        d.blocks.push(Block::Table(Table {
            columns,
            rows: rows_made,
            ..Table::default()
        }));
        let pdf = timed(&format!("pdf, table of {rows} rows"), || {
            pdf::render(&d, &fonts)
        })?;
        let docx = timed(&format!("docx, table of {rows} rows"), || docx::render(&d))?;
        let xlsx = timed(&format!("xlsx, table of {rows} rows"), || xlsx::render(&d))?;
        println!(
            "bytes: pdf {} docx {} xlsx {}",
            pdf.len(),
            docx.len(),
            xlsx.len()
        );
    }
    let mut d = Document::report("长文");
    d.blocks
        .push(Block::paragraph("运维服务记录正文。".repeat(11_000)));
    timed("pdf, paragraph of 99,000 characters", || {
        pdf::render(&d, &fonts)
    })?;
    let chart = Chart {
        categories: (1..=12).map(|m| format!("{m}月")).collect(),
        series: vec![Series::new("事件", &[5.0; 12])],
        ..Chart::default()
    };
    timed("png, first chart", || chart::to_png(&chart, 2.5))?;
    timed("png, second chart", || chart::to_png(&chart, 2.5))?;
    Ok(())
}
