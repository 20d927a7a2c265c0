//! The section on the systems in operation: availability, what was left out of it, interruptions.

use anlan_document::{Cell, Column, Value};

use super::analysis;
use super::content::{Counted, Section};
use super::sections::{Maker, tone, verdict};
use super::tables::plain;
use crate::features::forms::local;
use crate::features::monitors::{Availability, Window};
use crate::platform::at::At;

/// Interruptions listed at most.
const OUTAGES: usize = 500;
/// Systems of a window that are named; of more only the number is told.
const NAMED: usize = 3;

impl Maker<'_> {
    pub(super) fn operation(&self) -> Section {
        let systems = &self.background.systems;
        if systems.is_empty() {
            return Section {
                proposal: "本项目未配置监测对象，本月无可用率数据。".into(),
                ..Section::default()
            };
        }
        let rows = systems.iter().map(|one| self.available(one)).collect();
        let columns = vec![
            Column::new("系统", 2.2),
            Column::new("应运行", 1.5),
            Column::new("中断次数", 1.4),
            Column::new("中断时长", 1.5),
            Column::new("不计时长", 2.0),
            Column::new("可用率", 1.4),
            Column::new("状态", 1.1).centered(),
        ];
        let mut tables = vec![plain("availability", "系统可用率", columns, rows)];
        tables.extend(self.left_out());
        tables.extend(self.interruptions());
        Section {
            tables,
            proposal: self.judged(),
            ..Section::default()
        }
    }

    /// One system's availability.
    fn available(&self, one: &Availability) -> Vec<Cell> {
        let standard = self.background.outline.standards.availability;
        let left_out = analysis::left_out(one);
        let ratio = one.ratio.map_or_else(
            || Cell::from("—"),
            |ratio| Cell {
                value: Value::Percent(ratio, 3),
                tone: Some(tone(ratio >= standard)),
            },
        );
        vec![
            one.name.as_str().into(),
            Value::Duration(one.counted_seconds).into(),
            i64::try_from(one.outages.len()).unwrap_or(0).into(),
            Value::Duration(one.down_seconds).into(),
            if left_out.is_empty() {
                Cell::from("—")
            } else {
                left_out.join("；").into()
            },
            ratio,
            one.ratio
                .map_or_else(|| Cell::from("无数据"), |ratio| verdict(ratio >= standard)),
        ]
    }

    /// The windows that were left out, with their cause and whether they were announced or only
    /// entered afterwards.
    fn left_out(&self) -> Option<Counted> {
        let windows = &self.background.left_out;
        let row = |window: &Window| {
            vec![
                window.name.as_str().into(),
                analysis::exclusion(window.cause.word()).into(),
                self.systems_of(window).into(),
                self.moment(window.starts_at),
                self.moment(window.ends_at),
                self.entered(window).into(),
            ]
        };
        let columns = vec![
            Column::new("不计时段", 2.0),
            Column::new("原因", 1.2),
            Column::new("系统", 1.8),
            Column::new("开始", 1.65),
            Column::new("结束", 1.65),
            Column::new("登记", 1.9),
        ];
        (!windows.is_empty()).then(|| {
            let rows = windows.iter().map(row).collect();
            plain("left_out", "不计入可用率的时段", columns, rows)
        })
    }

    /// The systems a window is about.
    fn systems_of(&self, window: &Window) -> String {
        if window.monitor_ids.is_empty() {
            return "全部".into();
        }
        let systems = self.background.systems.iter();
        let named = systems.filter(|one| window.monitor_ids.contains(&one.monitor_id));
        let named: Vec<&str> = named.map(|one| one.name.as_str()).collect();
        match named.len() {
            0..=NAMED => named.join("、"),
            more => format!("{}等{more}个", named[..NAMED].join("、")),
        }
    }

    /// When a window was entered: before its time, or only afterwards and by whom.
    fn entered(&self, window: &Window) -> String {
        match &window.entered_late {
            None => "事先登记".into(),
            Some(late) => {
                let at = Value::DateTime(local(late.at, &self.background.zone));
                format!("补录：{}，{}", late.by, at.brief())
            }
        }
    }

    /// Interruptions one by one.
    fn interruptions(&self) -> Option<Counted> {
        let back = self.background;
        let mut rows = Vec::new();
        for one in &back.systems {
            for outage in &one.outages {
                let end = outage.ended_at.unwrap_or(back.until);
                rows.push(vec![
                    one.name.as_str().into(),
                    self.moment(outage.began_at),
                    outage
                        .ended_at
                        .map_or_else(|| Cell::from("尚未恢复"), |at| self.moment(at)),
                    Value::Duration(end.seconds_since(outage.began_at)).into(),
                ]);
            }
        }
        rows.truncate(OUTAGES);
        let columns = vec![
            Column::new("系统", 2.2),
            Column::new("中断开始", 2.0),
            Column::new("恢复", 2.0),
            Column::new("时长", 1.2),
        ];
        (!rows.is_empty()).then(|| plain("outages", "中断明细", columns, rows))
    }

    fn moment(&self, at: At) -> Cell {
        Value::DateTime(local(at, &self.background.zone)).into()
    }

    /// What availability says in words.
    fn judged(&self) -> String {
        let back = self.background;
        let standard = back.outline.standards.availability;
        let missed: Vec<String> = back
            .systems
            .iter()
            .filter_map(|one| Some((one, one.ratio?)))
            .filter(|(_, ratio)| *ratio < standard)
            .map(|(one, ratio)| analysis::unavailable(one, ratio, standard))
            .collect();
        if missed.is_empty() {
            format!(
                "本月监测系统{}个，可用率均达到{}（365×7×24，{}）。",
                back.systems.len(),
                Value::Percent(standard, 2).text(),
                analysis::causes(&back.systems),
            )
        } else {
            missed.join("\n")
        }
    }
}
