//! The documents that tests measure and people look at.

use anlan_document::*;
use jiff::civil::{date, datetime};

/// The layout of F-01 as it comes with the program.
///
/// # Errors
/// The file is not lawful.
pub fn layout() -> Result<form::Layout, DocumentError> {
    include_str!("../../../../definitions/forms/F-01.yaml").parse()
}

pub fn with_frame(mut d: Document) -> Document {
    d.header = Header {
        project: "某市政务服务平台运行维护项目（2026年度）".into(),
        customer: "某市政务服务中心".into(),
        provider: "安澜信息技术有限公司".into(),
    };
    d.footer = Footer {
        printed_at: Some(datetime(2026, 11, 22, 16, 40, 0, 0)),
        printed_by: "王芳".into(),
        ..d.footer
    };
    d
}

pub fn incident() -> form::Values {
    use form::Entry;
    let at = |h, m| datetime(2026, 10, 14, h, m, 0, 0);
    let step = |h: i8, m: i8, by: &str, way: &str, text: &str, seconds: i64| {
        [
            ("at", Value::DateTime(at(h, m))),
            ("by", by.into()),
            ("way", way.into()),
            ("text", text.into()),
            ("effort", Value::Duration(seconds)),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into()
    };
    let entries: Vec<(&str, Entry)> = vec![
        ("number", "INC-2026-000123".into()),
        ("received_at", at(9, 12).into()),
        ("received_by", "王芳".into()),
        ("customer", "某市政务服务中心".into()),
        ("channel", Entry::chosen("alarm")),
        ("contact", "赵敏".into()),
        ("contact_phone", "0551-6255 0123".into()),
        ("contact_place", "信息科 / 行政大厦B座3层机房".into()),
        ("system", "政府门户网站".into()),
        ("category", "硬件故障 / 存储".into()),
        ("configuration_item", "门户网站共享存储阵列（机房A-07机柜）".into()), ("device_type", "磁盘阵列".into()), ("install_location", "行政大厦 A 座 3 层机房".into()), ("model", "PowerVault ME5024".into()), ("serial_number", "7XK2Q93".into()), ("address", "10.12.3.21".into()),
        ("kind", Entry::chosen("fault")),
        ("impact", "高（全市）".into()),
        ("urgency", "高".into()),
        ("priority", "P1".into()),
        ("fault_level", "一级（重大）".into()),
        ("major", Entry::chosen("yes")),
        ("interrupted", Entry::chosen("yes")),
        ("agreed_at", at(10, 12).into()),
        ("interruption_began", at(9, 10).into()),
        ("interruption_ended", at(10, 10).into()),
        ("symptom", "监控连续3次检测到门户网站首页返回 HTTP 502，多名办事群众来电反映无法打开“一网通办”入口。登录应用服务器发现数据目录只读，系统日志报 I/O error。".into()),
        ("business_impact", "门户网站首页及办事入口全部不可用，影响网上预约与材料提交。".into()),
        ("handling", Entry::Rows(vec![
            step(9, 14, "王芳", "电话", "致电信息科赵敏确认影响范围，派单二线。", 180),
            step(9, 20, "陈刚", "远程", "登录服务器检查，判断存储卷离线，通知机房值班。", 900),
            step(9, 41, "陈刚", "现场", "到场确认阵列2号、5号盘同时告警，更换备件并导入配置。", 1_500),
            step(10, 8, "陈刚", "现场", "卷恢复在线，文件系统检查无错误，网站恢复访问。", 120),
        ])),
        ("cause", "RAID5组内两块磁盘先后失效且无热备盘，卷离线。".into()),
        ("solution", "更换两块磁盘并由当日02:00备份恢复缺失数据，校验一致。".into()),
        ("workaround", "故障期间将首页切换至静态公告页。".into()),
        ("backed_up", Entry::chosen("yes")),
        ("responded_at", at(9, 14).into()),
        ("arrived_at", at(9, 41).into()),
        ("resolved_at", at(10, 10).into()),
        ("agreement", Entry::Chosen(vec!["kept".into()], None)),
        ("problem", "PRB-2026-0031".into()),
        ("change", "CHG-2026-0107".into()),
        ("article", "KB-00218".into()),
        ("confirmed", Entry::chosen("solved")),
        ("satisfaction", Entry::chosen("good")),
        ("engineer_signature", Entry::Signed { name: "陈刚".into(), date: date(2026, 10, 14) }),
    ];
    entries
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v))
        .collect()
}

pub fn monthly() -> Document {
    let mut d = Document::report("某市政务服务中心信息系统\n运维服务月度报告");
    d.title = d.title.replace('\n', "");
    d.subtitle = "2026年10月1日至2026年10月31日".into();
    d.number = Some("月报〔2026〕010号".into());
    d.header = Header {
        project: "某市政务服务平台运行维护项目（2026年度）".into(),
        customer: "某市政务服务中心".into(),
        provider: "安澜信息技术有限公司".into(),
    };
    d.footer = Footer {
        printed_at: Some(datetime(2026, 11, 2, 9, 15, 0, 0)),
        printed_by: "王芳".into(),
        version: "F-54 第1版".into(),
    };
    d.watermark = Some(Watermark {
        user: "王芳 wangfang".into(),
        at: datetime(2026, 11, 2, 9, 15, 0, 0),
    });
    d.cover = Some(Cover {
        lines: vec![
            ("编　制".into(), "王　芳".into()),
            ("审　核".into(), "李　强".into()),
            ("批　准".into(), String::new()),
        ],
        organisation: "安澜信息技术有限公司".into(),
        date: Some(date(2026, 11, 2)),
    });
    let b = &mut d.blocks;
    b.push(Block::Toc { depth: 2 });
    b.push(Block::PageBreak);
    b.push(Block::heading(1, "综合情况"));
    b.push(Block::Figures {
        items: vec![
            Figure {
                label: "事件总数".into(),
                value: Value::Integer(86),
                note: "上月 97".into(),
                tone: None,
            },
            Figure {
                label: "响应及时率".into(),
                value: Value::Percent(0.9884, 2),
                note: "承诺 ≥ 95%".into(),
                tone: Some(Tone::Green),
            },
            Figure {
                label: "解决及时率".into(),
                value: Value::Percent(0.9419, 2),
                note: "承诺 ≥ 95%".into(),
                tone: Some(Tone::Red),
            },
            Figure {
                label: "系统可用率".into(),
                value: Value::Percent(0.99861, 3),
                note: "承诺 ≥ 99.99%".into(),
                tone: Some(Tone::Red),
            },
        ],
    });
    b.push(Block::paragraph("本月共受理事件86起，较上月减少11起；一线直接解决61起，占70.9%。门户网站10月14日因磁盘故障中断60分钟，可用率99.861%，未达到99.99%的承诺，原因与改进措施见第五部分。其余系统均达到服务承诺。"));
    b.push(Block::Note {
        tone: Tone::Amber,
        text: "两项指标未达承诺：解决及时率（94.19%）与门户网站可用率（99.861%）。".into(),
    });
    b.push(Block::heading(1, "事件情况"));
    b.push(Block::heading(2, "数量与分级"));
    let columns = vec![
        Column::new("故障级别", 2.0).centered(),
        Column::new("事件总数", 1.5),
        Column::new("一线解决", 1.5),
        Column::new("二线解决", 1.5),
        Column::new("三线解决", 1.5),
        Column::new("及时率", 1.5),
        Column::new("状态", 1.2).centered(),
    ];
    let row = |name: &str, n: [i64; 4], rate: f64| {
        let ok = rate >= 0.95;
        vec![
            Cell::from(name),
            n[0].into(),
            n[1].into(),
            n[2].into(),
            n[3].into(),
            Cell::from(Value::Percent(rate, 2)),
            Cell::toned(
                if ok { "达标" } else { "未达标" },
                if ok { Tone::Green } else { Tone::Red },
            ),
        ]
    };
    b.push(Block::Table(Table {
        caption: "表1　各级事件数量与解决及时率".into(),
        columns,
        rows: vec![
            row("一级（重大）", [1, 0, 0, 1], 0.0),
            row("二级（较大）", [7, 2, 4, 1], 0.8571),
            row("三级（一般）", [33, 22, 10, 1], 0.9697),
            row("四级（轻微）", [45, 37, 8, 0], 1.0),
            row("合计", [86, 61, 22, 3], 0.9419),
        ],
        total: true,
    }));
    let months: Vec<String> = (1..=10).map(|m| format!("{m}月")).collect();
    b.push(Block::Chart(Chart {
        title: "图1　事件总数连续三个月下降，一线解决比例升至七成".into(),
        kind: ChartKind::StackedBar,
        categories: months.clone(),
        series: vec![
            Series::new(
                "一线解决",
                &[52., 48., 60., 66., 63., 70., 72., 71., 66., 61.],
            ),
            Series::new(
                "二线解决",
                &[31., 29., 33., 35., 30., 34., 38., 31., 27., 22.],
            ),
            Series::new("三线解决", &[6., 4., 5., 8., 5., 6., 7., 5., 4., 3.]),
        ],
        unit: "起".into(),
        target: None,
        note: "数据来源：事件记录，按受理时间统计。".into(),
    }));
    b.push(Block::heading(2, "分类与来源"));
    b.push(Block::Chart(Chart {
        title: "图2　近四成事件与网络和终端有关".into(),
        kind: ChartKind::Pie,
        categories: [
            "网络与终端",
            "业务系统操作咨询",
            "门户网站",
            "数据库",
            "服务器硬件",
            "安全",
            "其他",
        ]
        .map(Into::into)
        .into(),
        series: vec![Series::new("数量", &[33., 24., 11., 7., 5., 4., 2.])],
        unit: "起".into(),
        target: None,
        note: String::new(),
    }));
    b.push(Block::Chart(Chart {
        title: "图3　电话仍是主要来源，监控主动发现占比首次超过两成".into(),
        kind: ChartKind::Bar,
        categories: ["电话", "监控告警", "平台", "微信", "邮件", "巡检"]
            .map(Into::into)
            .into(),
        series: vec![
            Series::new("9月", &[51., 15., 12., 10., 6., 3.]).toned(Tone::Grey),
            Series::new("10月", &[39., 19., 13., 8., 4., 3.]).toned(Tone::Blue),
        ],
        unit: "起".into(),
        target: None,
        note: String::new(),
    }));
    b.push(Block::heading(1, "系统运行"));
    b.push(Block::Chart(Chart {
        title: "图4　门户网站10月可用率99.861%，低于承诺".into(),
        kind: ChartKind::Line,
        categories: months,
        series: vec![Series {
            name: "门户网站".into(),
            values: vec![
                Some(100.0),
                Some(99.995),
                Some(99.998),
                None,
                Some(99.992),
                Some(100.0),
                Some(99.997),
                Some(100.0),
                Some(99.996),
                Some(99.861),
            ],
            tone: Some(Tone::Blue),
        }],
        unit: "%".into(),
        target: Some(Target {
            label: "承诺 99.99%".into(),
            value: 99.99,
        }),
        note: "4月为系统迁移期，按合同不计入；计划内维护窗口、不可抗力不计入中断。".into(),
    }));
    b.push(Block::Table(Table {
        caption: "表2　系统可用率".into(),
        columns: vec![
            Column::new("系统", 3.0),
            Column::new("应运行", 2.0),
            Column::new("中断次数", 1.4),
            Column::new("中断时长", 1.8),
            Column::new("不计时长", 1.8),
            Column::new("可用率", 1.6),
            Column::new("承诺", 1.4),
        ],
        rows: vec![
            vec![
                "门户网站".into(),
                Value::Duration(2_678_400).into(),
                1.into(),
                Value::Duration(3_600).into(),
                Value::Duration(7_200).into(),
                Cell {
                    value: Value::Percent(0.99861, 3),
                    tone: Some(Tone::Red),
                },
                Value::Percent(0.9999, 2).into(),
            ],
            vec![
                "一网通办业务系统".into(),
                Value::Duration(2_678_400).into(),
                0.into(),
                Value::Duration(0).into(),
                Value::Duration(14_400).into(),
                Cell {
                    value: Value::Percent(1.0, 3),
                    tone: Some(Tone::Green),
                },
                Value::Percent(0.9999, 2).into(),
            ],
        ],
        total: false,
    }));
    b.push(Block::heading(1, "存在问题与改进措施"));
    b.push(Block::List {
        ordered: true,
        items: vec![
            "门户网站存储阵列无热备盘。措施：11月15日前增加热备盘两块，责任人李强。".into(),
            "二级事件平均到场时间偏长。措施：调整城区值班点，11月起试行。".into(),
        ],
    });
    b.push(Block::heading(1, "确认"));
    b.push(Block::Signatures {
        parties: vec![
            Party::new("运维单位", "安澜信息技术有限公司"),
            Party::new("监理单位", ""),
            Party::new("业主单位", "某市政务服务中心"),
        ],
    });
    d
}

/// Charts at their limits: many points, few, none, negative, long names, official style.
pub fn charts() -> Document {
    let days: Vec<String> = (1..=31).map(|d| format!("{d}日")).collect();
    let wave = |f: f64| -> Vec<f64> {
        (0..31)
            .map(|i| (20.0 + 15.0 * (f64::from(i) * f).sin()).round())
            .collect()
    };
    let long = [
        "税务征管核心业务系统",
        "社会保险业务经办系统",
        "政府门户网站群",
        "电子政务外网出口",
        "一体化政务服务平台",
    ];
    let chart = |title: &str, kind, categories: Vec<String>, series, unit: &str| {
        Block::Chart(Chart {
            title: title.into(),
            kind,
            categories,
            series,
            unit: unit.into(),
            ..Chart::default()
        })
    };
    let mut hours: Vec<Option<f64>> = (0..168)
        .map(|i| Some(120.0 + 80.0 * (f64::from(i) * 0.26).sin() + f64::from(i % 7) * 3.0))
        .collect();
    hours[60..75].fill(None);
    let mut d = Document {
        title: "图表样张".into(),
        style: Style::Official,
        number: Some("报告〔2026〕003号".into()),
        ..Document::default()
    };
    d.blocks = vec![
        Block::heading(1, "折线"),
        Block::paragraph(
            "按照GB/T 9704的版式，正文三号，每页22行，每行28字。图题直接说明结论，坐标轴写明单位，缺测处断开。",
        ),
        chart(
            "逐日告警数量，预警多于告警",
            ChartKind::Line,
            days.clone(),
            vec![
                Series::new("预警", &wave(0.4)).toned(Tone::Blue),
                Series::new("告警", &wave(0.7)).toned(Tone::Red),
                Series::new("恢复", &wave(0.2)).toned(Tone::Green),
            ],
            "次",
        ),
        chart(
            "一周响应时间，周三采集中断15小时",
            ChartKind::Line,
            (0..168)
                .map(|h| format!("{}日{}时", 1 + h / 24, h % 24))
                .collect(),
            vec![Series {
                name: "响应时间".into(),
                values: hours,
                tone: None,
            }],
            "ms",
        ),
        Block::heading(2, "柱形"),
        chart(
            "31天事件数量",
            ChartKind::Bar,
            days,
            vec![Series::new("事件", &wave(0.5))],
            "起",
        ),
        chart(
            "名称很长的系统",
            ChartKind::Bar,
            long.map(Into::into).into(),
            vec![
                Series::new("上月", &[12_000., 8_500., 23_456., 100., 4_000.]),
                Series::new("本月", &[11_000., 9_500., 20_000., 3_000., 5_000.]),
                Series::new("去年同月", &[9_000., 8_000., 19_000., 2_000., 4_500.]),
            ],
            "次",
        ),
        chart(
            "同比增减有正有负",
            ChartKind::Bar,
            ["一季度", "二季度", "三季度", "四季度"]
                .map(Into::into)
                .into(),
            vec![Series::new("同比", &[12.5, -8.0, -3.2, 6.1])],
            "%",
        ),
        Block::heading(3, "占比与空图"),
        chart(
            "十一类事件，小类并入其他",
            ChartKind::Pie,
            (1..=11).map(|i| format!("分类{i}")).collect(),
            vec![Series::new(
                "数量",
                &[30., 22., 15., 9., 8., 5., 4., 3., 2., 1., 1.],
            )],
            "起",
        ),
        chart(
            "只有一类",
            ChartKind::Pie,
            vec!["咨询".into()],
            vec![Series::new("数量", &[7.])],
            "起",
        ),
        chart(
            "没有数据也说明白",
            ChartKind::Line,
            vec!["1月".into()],
            vec![Series {
                name: "无".into(),
                values: vec![None],
                tone: None,
            }],
            "起",
        ),
        chart(
            "只有一个点",
            ChartKind::Line,
            vec!["1月".into()],
            vec![Series::new("数量", &[0.0])],
            "起",
        ),
        chart(
            "全部为零",
            ChartKind::StackedBar,
            vec!["1月".into(), "2月".into()],
            vec![
                Series::new("一线", &[0., 0.]),
                Series::new("二线", &[0., 0.]),
            ],
            "起",
        ),
    ];
    d
}
