//! The section on the systems in operation: availability, what was left out of it, interruptions, and
//! the yearly budget of downtime.

use anlan_document::{Cell, Column, Tone, Value};

use super::analysis::{self, share};
use super::content::{Counted, Section};
use super::sections::{Maker, tone, verdict};
use super::tables::plain;
use crate::features::forms::local;
use crate::features::monitors::{BudgetUse, OutageRow, SystemAvailability, Window};
use crate::platform::at::At;

/// Interruptions listed at most.
const OUTAGES: usize = 500;
/// Systems of a window that are named; of more only the number is told.
const NAMED: usize = 3;

impl Maker<'_> {
    pub(super) fn operation(&self) -> Section {
        let back = self.background;
        if back.systems.is_empty() {
            return Section {
                proposal: "本项目未配置监测对象，本月无可用率数据。".into(),
                ..Section::default()
            };
        }
        let mut tables = vec![self.availability()];
        tables.extend(self.checks());
        tables.extend(self.left_out());
        tables.extend(self.interruptions("outages", "中断明细", |one| &one.availability.outages));
        tables.extend(self.interruptions("not_counted", "不计的中断", |one| {
            &one.availability.not_counted
        }));
        tables.extend(self.budget());
        let mut text = self.judged();
        text.extend(self.budgeted());
        Section {
            tables,
            proposal: text.join("\n"),
            ..Section::default()
        }
    }

    /// Each system's one figure.
    fn availability(&self) -> Counted {
        let row = |one: &SystemAvailability| {
            let left_out = analysis::left_out(one);
            let told = &one.availability;
            vec![
                one.name.as_str().into(),
                Value::Duration(told.counted_seconds).into(),
                i64::try_from(told.outages.len()).unwrap_or(0).into(),
                Value::Duration(told.down_seconds).into(),
                if left_out.is_empty() {
                    Cell::from("—")
                } else {
                    left_out.join("；").into()
                },
                told.ratio.map_or_else(
                    || Cell::from("—"),
                    |ratio| Cell {
                        value: Value::Percent(ratio, 3),
                        tone: Some(tone(one.kept)),
                    },
                ),
                told.ratio
                    .map_or_else(|| Cell::from("无数据"), |_| verdict(one.kept)),
            ]
        };
        let columns = vec![
            Column::new("系统", 2.0),
            Column::new("应运行", 1.8),
            Column::new("中断次数", 1.3),
            Column::new("中断时长", 1.5),
            Column::new("不计时长", 2.0),
            Column::new("可用率", 1.4),
            Column::new("状态", 1.1).centered(),
        ];
        let rows = self.background.systems.iter().map(row).collect();
        plain("availability", "系统可用率", columns, rows)
    }

    /// The checks of systems that have several.
    fn checks(&self) -> Option<Counted> {
        let several = |one: &&SystemAvailability| one.checks.len() > 1;
        let mut rows = Vec::new();
        for system in self.background.systems.iter().filter(several) {
            for check in &system.checks {
                let told = &check.availability;
                rows.push(vec![
                    system.name.as_str().into(),
                    check.name.as_str().into(),
                    if check.counts { "计入" } else { "不计入" }.into(),
                    i64::try_from(told.outages.len()).unwrap_or(0).into(),
                    Value::Duration(told.down_seconds).into(),
                    told.ratio
                        .map_or_else(|| Cell::from("—"), |ratio| Value::Percent(ratio, 3).into()),
                ]);
            }
        }
        let columns = vec![
            Column::new("系统", 2.0),
            Column::new("监控项", 2.4),
            Column::new("计入可用率", 1.5).centered(),
            Column::new("中断次数", 1.3),
            Column::new("中断时长", 1.4),
            Column::new("可用率", 1.4),
        ];
        (!rows.is_empty()).then(|| plain("checks", "各系统的监控项", columns, rows))
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

    /// The systems a window is about; of a system of which only some checks are meant, those checks.
    fn systems_of(&self, window: &Window) -> String {
        if window.monitor_ids.is_empty() {
            return "全部".into();
        }
        let mut named = Vec::new();
        for system in &self.background.systems {
            let meant = system.checks.iter();
            let meant = meant.filter(|check| window.monitor_ids.contains(&check.monitor_id));
            let meant: Vec<&str> = meant.map(|check| check.name.as_str()).collect();
            if meant.len() == system.checks.len() {
                named.push(system.name.as_str());
            } else {
                named.extend(meant);
            }
        }
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

    /// Interruptions one by one: those that count, or those that do not.
    fn interruptions(
        &self,
        key: &str,
        title: &str,
        of: fn(&SystemAvailability) -> &[OutageRow],
    ) -> Option<Counted> {
        let back = self.background;
        let mut rows = Vec::new();
        for one in &back.systems {
            for outage in of(one) {
                let end = outage.ended_at.unwrap_or(back.until);
                rows.push(vec![
                    one.name.as_str().into(),
                    self.moment(outage.began_at),
                    outage
                        .ended_at
                        .map_or_else(|| Cell::from("尚未恢复"), |at| self.moment(at)),
                    Value::Duration(end.seconds_since(outage.began_at)).into(),
                    Value::Duration(outage.counted_seconds).into(),
                ]);
            }
        }
        let title = if rows.len() > OUTAGES {
            format!("{title}（共{}次，列出{OUTAGES}次）", rows.len())
        } else {
            title.to_owned()
        };
        rows.truncate(OUTAGES);
        let columns = vec![
            Column::new("系统", 2.2),
            Column::new("中断开始", 1.9),
            Column::new("恢复", 1.9),
            Column::new("时长", 1.2),
            Column::new("计入", 1.2),
        ];
        (!rows.is_empty()).then(|| plain(key, &title, columns, rows))
    }

    /// The yearly budget of downtime, used so far.
    fn budget(&self) -> Option<Counted> {
        let row = |one: &BudgetUse| {
            let (used, allowed) = (one.used_seconds, one.allowed_seconds);
            let kept = one.exceeded_at.is_none() && one.too_long.is_empty();
            let too_long = i64::try_from(one.too_long.len()).unwrap_or(0);
            vec![
                one.name.as_str().into(),
                Value::Duration(allowed).into(),
                Value::Duration(used).into(),
                Cell {
                    value: Value::Percent(share(used, allowed), 1),
                    tone: Some(tone(one.exceeded_at.is_none())),
                },
                Value::Duration((allowed - used).max(0)).into(),
                Cell {
                    value: too_long.into(),
                    tone: (too_long > 0).then_some(Tone::Red),
                },
                verdict(kept),
            ]
        };
        let columns = vec![
            Column::new("系统", 2.0),
            Column::new("年度额度", 1.3),
            Column::new("已用", 1.8),
            Column::new("使用率", 1.1),
            Column::new("剩余", 1.8),
            Column::new("单次超限", 1.2),
            Column::new("状态", 1.1).centered(),
        ];
        let rows: Vec<_> = self.background.budgets.iter().map(row).collect();
        (!rows.is_empty()).then(|| plain("budget", "年度停机额度", columns, rows))
    }

    /// What the budget is, and what is wrong with its use.
    fn budgeted(&self) -> Vec<String> {
        let budgets = &self.background.budgets;
        let Some(first) = budgets.first() else {
            return Vec::new();
        };
        let year = local(first.year_from, &self.background.zone).date();
        let terms = format!(
            "年度停机额度为每个系统{}，自{}年{}月{}日起累计，单次不超过{}。",
            Value::Duration(first.allowed_seconds).text(),
            year.year(),
            year.month(),
            year.day(),
            Value::Duration(first.single_seconds).text(),
        );
        let exceeded = budgets.iter().filter_map(exceeded);
        [terms].into_iter().chain(exceeded).collect()
    }

    fn moment(&self, at: At) -> Cell {
        Value::DateTime(local(at, &self.background.zone)).into()
    }

    /// What availability says in words.
    fn judged(&self) -> Vec<String> {
        let back = self.background;
        let missed = back.systems.iter().filter(|one| !one.kept);
        let missed: Vec<String> = missed
            .filter_map(|one| Some(analysis::unavailable(one, one.availability.ratio?)))
            .collect();
        if !missed.is_empty() {
            return missed;
        }
        vec![format!(
            "本月监测系统{}个，可用率均达到{}（365×7×24，{}）。",
            back.systems.len(),
            analysis::promised(back.uptime.target),
            analysis::causes(&back.systems),
        )]
    }
}

/// What is wrong with the use of a budget, in words.
fn exceeded(one: &BudgetUse) -> Option<String> {
    let mut parts = Vec::new();
    if one.exceeded_at.is_some() {
        parts.push(format!(
            "本服务年度累计停机{}，已超过{}的年度额度",
            Value::Duration(one.used_seconds).text(),
            Value::Duration(one.allowed_seconds).text(),
        ));
    }
    if !one.too_long.is_empty() {
        parts.push(format!(
            "{}次中断单次超过{}",
            one.too_long.len(),
            Value::Duration(one.single_seconds).text(),
        ));
    }
    (!parts.is_empty()).then(|| format!("{}{}。", one.name, parts.join("，")))
}
