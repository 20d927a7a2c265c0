//! 客户服务受理单, filled by the first line, prints as the paper form does.

use anlan_document::form::{self, Entry};
use anlan_document::{Block, Content, Document, Fonts, Role, Value, docx, html, pdf};

use crate::samples;
use crate::tools::{dense, pdf_text};

/// Every label of F-01 and every option of its check boxes, block by block.
const F01: &[&str] = &[
    "编号",
    "受理时间",
    "受理人",
    "来源",
    "□电话",
    "□邮件",
    "□平台",
    "□QQ",
    "□微信",
    "□监控告警",
    "□巡检",
    "□其他",
    "单位名称",
    "联系人",
    "电话",
    "部门/地点",
    "所属系统",
    "配置项",
    "型号",
    "序列号",
    "IP",
    "事件类型",
    "□咨询",
    "□故障",
    "□服务请求",
    "□投诉",
    "□建议",
    "分类",
    "影响度",
    "紧急度",
    "优先级",
    "故障级别",
    "服务中断",
    "□是",
    "□否",
    "开始时间",
    "结束时间",
    "是否重大事件",
    "约定解决时间",
    "故障现象/请求描述",
    "影响业务的具体原因",
    "处理时间",
    "处理人",
    "处理方式",
    "电话、远程、现场、二线、三线",
    "处理内容",
    "用时",
    "原因分析",
    "解决方案",
    "临时方案",
    "是否已备份",
    "响应时间",
    "到场时间",
    "解决时间",
    "SLA",
    "□达标",
    "□超时",
    "原因",
    "关联问题",
    "关联变更",
    "关联知识",
    "客户确认",
    "□已解决",
    "□未解决",
    "满意度",
    "□好",
    "□较好",
    "□一般",
    "□差",
    "客户签字",
    "工程师签字",
    "签字：",
    "日期：",
    "年月日",
];

fn grid_text(document: &Document) -> String {
    let cell = |c: &anlan_document::GridCell| match &c.content {
        Content::Value { value } => value.text(),
        Content::Choice(choice) => choice.text(),
        Content::Sign(sign) => format!("{} 签字：日期：{}", sign.label, sign.date_text()),
    };
    let grids = document.blocks.iter().filter_map(|b| {
        if let Block::Grid(g) = b {
            Some(g)
        } else {
            None
        }
    });
    grids
        .flat_map(|g| &g.rows)
        .flat_map(|r| &r.cells)
        .map(cell)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn r079_the_blank_form_asks_everything() {
    let blank = form::render_blank(&samples::layout().unwrap());
    let text = dense(&grid_text(&blank));
    for label in F01 {
        assert!(text.contains(label), "{label} in the grid");
    }
    assert!(!text.contains('☑'));
    let printed = dense(&pdf_text(&pdf::render(&blank, &Fonts::embedded()).unwrap()));
    for label in F01
        .iter()
        .filter(|l| !l.contains('/') && l.chars().count() < 6)
    {
        assert!(printed.contains(label), "{label} in print");
    }
    assert!(printed.contains("编号：____"));
}

#[test]
fn r079_the_filled_form_prints_what_is_on_record() {
    let document = samples::with_frame(form::render(
        &samples::layout().unwrap(),
        &samples::incident(),
    ));
    let printed = dense(&pdf_text(
        &pdf::render(&document, &Fonts::embedded()).unwrap(),
    ));
    let page = dense(&html::render(&document).unwrap());
    for text in [
        "客户服务受理单",
        "编号：INC-2026-000123",
        "2026年10月14日09:12",
        "☑监控告警",
        "□电话",
        "☑故障",
        "RAID5组内两块磁盘先后失效且无热备盘",
        "☑达标",
        "☑已解决",
        "☑好",
        "PRB-2026-0031",
        "25分",
        "签字：陈刚",
        "项目名称：某市政务服务平台运行维护项目",
        "使用单位（甲方）：某市政务服务中心",
        "运维单位（乙方）：安澜信息技术有限公司",
        "第1页/共2页",
        "打印人：王芳",
        "F-01第2版",
    ] {
        assert!(printed.contains(text), "{text} in {printed}");
        let running = text.contains("第1页");
        assert!(running || page.contains(text), "{text} on the page");
    }
}

#[test]
fn the_back_of_the_sheet_begins_with_the_handling() {
    for document in [
        form::render_blank(&samples::layout().unwrap()),
        form::render(&samples::layout().unwrap(), &samples::incident()),
    ] {
        let text = pdf_text(&pdf::render(&document, &Fonts::embedded()).unwrap());
        let pages: Vec<&str> = text
            .split('\u{c}')
            .filter(|p| !p.trim().is_empty())
            .collect();
        assert_eq!(pages.len(), 2);
        assert!(dense(pages[1]).starts_with("四、处理情况"));
    }
}

#[test]
fn long_handling_runs_over_pages_and_repeats_its_head() {
    let mut values = samples::incident();
    let row = |i: i64| {
        [
            (
                "at",
                Value::DateTime(jiff::civil::DateTime::constant(2026, 10, 14, 9, 0, 0, 0)),
            ),
            ("by", "陈刚".into()),
            ("way", "远程".into()),
            ("text", format!("第{i}次检查").into()),
            ("effort", i.into()),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into()
    };
    values.insert("handling".into(), Entry::Rows((0..100).map(row).collect()));
    let text = pdf_text(
        &pdf::render(
            &form::render(&samples::layout().unwrap(), &values),
            &Fonts::embedded(),
        )
        .unwrap(),
    );
    let heads = text.matches("处理内容").count();
    let pages = text.split('\u{c}').filter(|p| p.contains("次检查")).count();
    assert!(
        pages >= 3 && heads == pages,
        "{heads} heads on {pages} pages of handling"
    );
}

#[test]
fn an_unknown_option_is_printed_rather_than_lost() {
    let values = [("channel".to_owned(), Entry::chosen("传真"))].into();
    let text = grid_text(&form::render(&samples::layout().unwrap(), &values));
    assert!(text.contains("□其他  ☑传真"), "{text}");
}

#[test]
fn a_breach_prints_its_reason() {
    let values = [(
        "agreement".to_owned(),
        Entry::Chosen(vec!["breached".into()], Some("备件次日到货".into())),
    )]
    .into();
    assert!(
        grid_text(&form::render(&samples::layout().unwrap(), &values))
            .contains("□达标  ☑超时（原因：备件次日到货）")
    );
}

#[test]
fn signatures_leave_room_for_a_seal() {
    let blank = form::render_blank(&samples::layout().unwrap());
    let grids = blank.blocks.iter().filter_map(|b| {
        if let Block::Grid(g) = b {
            Some(g)
        } else {
            None
        }
    });
    let signing = grids
        .flat_map(|g| &g.rows)
        .find(|r| {
            r.cells
                .iter()
                .any(|c| matches!(c.content, Content::Sign(_)))
        })
        .unwrap();
    assert!(signing.min_height_mm >= 40.0);
    assert!(signing.cells.iter().all(
        |c| c.role == Role::Value && f64::from(c.units) / 24.0 * blank.text_width_mm() >= 40.0
    ));
}

#[test]
fn the_same_form_gives_the_same_bytes() {
    let document = samples::with_frame(form::render(
        &samples::layout().unwrap(),
        &samples::incident(),
    ));
    let fonts = Fonts::embedded();
    assert_eq!(
        pdf::render(&document, &fonts).unwrap(),
        pdf::render(&document, &fonts).unwrap()
    );
    assert_eq!(
        docx::render(&document).unwrap(),
        docx::render(&document).unwrap()
    );
}
