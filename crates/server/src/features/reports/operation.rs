//! The section on the systems in operation: availability and interruptions.

use anlan_document::{Cell, Column, Value};

use super::analysis::{self};
use super::content::Section;
use super::tables::plain;
use crate::features::forms::local;

use super::sections::{Maker, tone, verdict};

impl Maker<'_> {
    pub(super) fn operation(&self) -> Section {
        let back = self.background;
        let standard = back.outline.standards.availability;
        if back.systems.is_empty() {
            return Section {
                proposal: "本项目未配置监测对象，本月无可用率数据。".into(),
                ..Section::default()
            };
        }
        let mut rows = Vec::new();
        let mut outages = Vec::new();
        for one in &back.systems {
            let excluded: i64 = one.excluded.iter().map(|part| part.seconds).sum();
            let why: Vec<String> = one
                .excluded
                .iter()
                .filter(|part| part.seconds > 0)
                .map(|part| {
                    format!(
                        "{}{}",
                        analysis::exclusion(&part.reason),
                        Value::Duration(part.seconds).text()
                    )
                })
                .collect();
            let ratio = one.ratio.map_or_else(
                || Cell::from("—"),
                |ratio| Cell {
                    value: Value::Percent(ratio, 3),
                    tone: Some(tone(ratio >= standard)),
                },
            );
            rows.push(vec![
                one.name.as_str().into(),
                Value::Duration(one.counted_seconds).into(),
                i64::try_from(one.outages.len()).unwrap_or(0).into(),
                Value::Duration(one.down_seconds).into(),
                if excluded == 0 {
                    Cell::from("—")
                } else {
                    why.join("；").into()
                },
                ratio,
                one.ratio
                    .map_or_else(|| Cell::from("无数据"), |ratio| verdict(ratio >= standard)),
            ]);
            for outage in &one.outages {
                let end = outage.ended_at.unwrap_or(back.until);
                outages.push(vec![
                    one.name.as_str().into(),
                    Value::DateTime(local(outage.began_at, &back.zone)).into(),
                    outage.ended_at.map_or_else(
                        || Cell::from("尚未恢复"),
                        |at| Value::DateTime(local(at, &back.zone)).into(),
                    ),
                    Value::Duration(end.seconds_since(outage.began_at)).into(),
                ]);
            }
        }
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
        if !outages.is_empty() {
            outages.truncate(500);
            let columns = vec![
                Column::new("系统", 2.2),
                Column::new("中断开始", 2.0),
                Column::new("恢复", 2.0),
                Column::new("时长", 1.2),
            ];
            tables.push(plain("outages", "中断明细", columns, outages));
        }
        let missed: Vec<String> = back
            .systems
            .iter()
            .filter_map(|one| Some((one, one.ratio?)))
            .filter(|(_, ratio)| *ratio < standard)
            .map(|(one, ratio)| analysis::unavailable(one, ratio, standard))
            .collect();
        let proposal = if missed.is_empty() {
            format!(
                "本月监测系统{}个，可用率均达到{}（365×7×24，不含计划内停机、自然灾害和不可抗力）。",
                back.systems.len(),
                Value::Percent(standard, 2).text()
            )
        } else {
            missed.join("\n")
        };
        Section {
            tables,
            proposal,
            ..Section::default()
        }
    }
}
