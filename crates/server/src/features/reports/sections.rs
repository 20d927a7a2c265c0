//! The sections of the monthly report, made from what was counted.

use std::sync::Arc;

use anlan_core::sla::{Agreement, Target};
use anlan_document::{Cell, Column, Tone, Value};

use super::analysis::{self, Kept, share};
use super::compute::Background;
use super::content::{Counted as Told, Figure, Section};
use super::count::{Dimension, Filter};
use super::snapshot::{Counted, LATE, Late};
use super::tables::{Counter, Names, by, plain};
use crate::features::forms::local;

/// What all sections are made from.
pub struct Maker<'a> {
    /// What was read beside the snapshot.
    pub background: &'a Background,
    /// The snapshot, counted.
    pub counted: &'a Counted,
    /// How things are called.
    pub names: Names<'a>,
    /// What became of each target.
    pub kept: Vec<Kept>,
    /// Every count of the report.
    pub counter: Counter<'a>,
}

/// What is served, as the agreements sum it up.
fn scope(agreements: &[Arc<Agreement>]) -> String {
    if agreements.is_empty() {
        return "按服务合同".to_owned();
    }
    let sum = |one: &Arc<Agreement>| format!("{}（服务协议 {}）", one.summary.zh, one.key);
    let sums: Vec<String> = agreements.iter().map(sum).collect();
    sums.join("；")
}

pub(super) const fn tone(kept: bool) -> Tone {
    if kept { Tone::Green } else { Tone::Red }
}

pub(super) fn verdict(kept: bool) -> Cell {
    Cell::toned(if kept { "达标" } else { "未达标" }, tone(kept))
}

impl Maker<'_> {
    /// The section of a key; nothing for a key that is text only.
    pub fn section(&mut self, key: &str) -> Section {
        match key {
            "overview" => self.overview(),
            "operation" => self.operation(),
            "alarms" => self.alarms(),
            "incidents" => self.incidents(),
            "indicators" => self.indicators(),
            "satisfaction" => self.satisfaction(),
            "issues" => self.issues(),
            "appendix" => self.appendix(),
            _ => Section::default(),
        }
    }

    pub(super) fn figure(&mut self, key: &str, label: &str, filter: Filter, note: &str) -> Figure {
        Figure {
            key: key.to_owned(),
            label: label.to_owned(),
            value: self.counter.count(key, filter).into(),
            note: note.to_owned(),
            tone: None,
        }
    }

    pub(super) fn standard(&self) -> f64 {
        self.background.outline.standards.attainment
    }

    /// Promises kept over all targets.
    fn promises(&self) -> (i64, i64) {
        let sum = |of: fn(&Kept) -> i64| self.kept.iter().map(of).sum();
        (sum(|one| one.met), sum(|one| one.breached))
    }

    fn overview(&mut self) -> Section {
        let back = self.background;
        let total = self.counter.count("total", Filter::default());
        let before: Vec<i64> = back
            .trend
            .lines
            .iter()
            .map(|month| month.iter().sum())
            .collect();
        let last = before
            .len()
            .checked_sub(2)
            .and_then(|n| before.get(n))
            .copied()
            .unwrap_or(0);
        let mut figures = vec![
            self.figure(
                "total",
                "事件总数",
                Filter::default(),
                &format!("上月 {last}"),
            ),
            self.figure(
                "responded",
                "服务响应总数",
                Filter {
                    responded: true,
                    ..Filter::default()
                },
                "已响应的事件",
            ),
        ];
        let (met, breached) = self.promises();
        if met + breached > 0 {
            let rate = share(met, met + breached);
            figures.push(Figure {
                key: "attainment".into(),
                label: "时限达标率".into(),
                value: Value::Percent(rate, 2),
                note: format!("标准 {}", Value::Percent(self.standard(), 2).text()),
                tone: Some(tone(rate >= self.standard())),
            });
        }
        let lowest = back
            .systems
            .iter()
            .filter_map(|one| Some((one.availability.ratio?, one)))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let all_kept = back.systems.iter().all(|one| one.kept);
        let promised = analysis::promised(back.uptime.target);
        if let Some((ratio, _)) = lowest {
            figures.push(Figure {
                key: "availability".into(),
                label: "最低可用率".into(),
                value: Value::Percent(ratio, 3),
                note: format!("标准 {promised}"),
                tone: Some(tone(all_kept)),
            });
        }
        let mut line = |n: i32| {
            self.counter
                .count(format!("line{n}"), Filter::default().by_line(n))
        };
        let lines = [line(1), line(2), line(3)];
        let solved = self.counter.count("solved", Filter::default().solved(true));
        let responded = self
            .counter
            .counts
            .get("responded")
            .map_or(0, |count| count.value);
        let cancelled = self
            .counter
            .count("cancelled", Filter::default().cancelled());
        let change = match total - last {
            0 => "与上月持平".to_owned(),
            more if more > 0 => format!("较上月增加{more}起"),
            less => format!("较上月减少{}起", -less),
        };
        let mut text = format!(
            "{}共受理事件{total}起，{change}；服务响应{responded}起，已解决{solved}起，其中一线解决{}起（占已解决的{}）、二线解决{}起、三线解决{}起。",
            back.month.words(),
            lines[0],
            Value::Percent(
                if solved == 0 {
                    0.0
                } else {
                    share(lines[0], solved)
                },
                1
            )
            .text(),
            lines[1],
            lines[2],
        );
        if cancelled > 0 {
            text.push_str(&format!("另有{cancelled}起为误报或撤回，已取消。"));
        }
        let missed: Vec<String> = self
            .kept
            .iter()
            .filter(|one| one.rate() < self.standard())
            .map(|one| format!("{}及时率{}", one.name, Value::Percent(one.rate(), 2).text()))
            .collect();
        if let Some((ratio, system)) = lowest {
            text.push_str(&if all_kept {
                format!(
                    "监测的{}个系统可用率均达到{promised}的标准。",
                    back.systems.len()
                )
            } else {
                let ratio = Value::Percent(ratio, 3).text();
                format!("{}可用率{ratio}，未达到{promised}的标准。", system.name)
            });
        }
        if !missed.is_empty() {
            text.push_str(&format!("未达标的服务时限指标：{}。", missed.join("、")));
        }
        let facts = [
            (
                "报告目的",
                "向使用单位报告服务期间的服务情况与服务指标完成情况".to_owned(),
            ),
            ("服务范围", scope(&back.agreements)),
            ("服务对象", back.header.customer.clone()),
            ("服务单位", back.header.provider.clone()),
            ("报告周期", format!("每月（{}）", back.period())),
            ("项目负责人", back.manager.clone()),
        ];
        let rows = facts
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(label, text)| vec![Cell::from(label), Cell::from(text)])
            .collect();
        Section {
            figures,
            tables: vec![plain(
                "facts",
                "报告说明",
                vec![
                    Column::new("项目", 1.2).centered(),
                    Column::new("内容", 5.0),
                ],
                rows,
            )],
            proposal: text,
            ..Section::default()
        }
    }

    fn incidents(&mut self) -> Section {
        let figures = vec![
            self.figure("total", "事件总数", Filter::default(), ""),
            self.figure("line1", "一线解决", Filter::default().by_line(1), ""),
            self.figure("line2", "二线解决", Filter::default().by_line(2), ""),
            self.figure("line3", "三线解决", Filter::default().by_line(3), ""),
            self.figure(
                "major",
                "重大事件",
                Filter {
                    major: true,
                    ..Filter::default()
                },
                "",
            ),
        ];
        let mut tables = Vec::new();
        for (dimension, title, head) in [
            (Dimension::Level, "各级别事件与解决情况", "故障级别"),
            (Dimension::Type, "各类型事件与解决情况", "事件类型"),
            (Dimension::Channel, "各来源事件与解决情况", "来源"),
            (Dimension::Category, "各分类事件与解决情况", "分类"),
        ] {
            tables.push(by(&mut self.counter, &self.names, dimension, title, head));
        }
        tables.push(self.attainment());
        if !self.counted.major.is_empty() {
            tables.push(self.list("major", "重大事件", &self.counted.major));
        }
        if !self.counted.late.is_empty() {
            tables.push(self.late());
        }
        Section {
            figures,
            tables,
            charts: self.charts(),
            proposal: String::new(),
            ..Section::default()
        }
    }

    /// Broken promises with their reasons.
    fn late(&self) -> Told {
        let listed = &self.counted.late;
        let broken = self.counted.promises.iter();
        let broken = broken.filter(|one| one.outcome == "breached");
        let all: i64 = broken.map(|one| one.n).sum();
        let title = if i64::try_from(listed.len()).is_ok_and(|n| n < all) {
            format!("超时事件（共{all}项，每个指标列出最早的{LATE}项）")
        } else {
            "超时事件".to_owned()
        };
        let row = |one: &Late| {
            let target = one.target.parse::<Target>();
            let target = target.map_or_else(|_| one.target.clone(), |it| it.zh().to_owned());
            let reason = analysis::reason(one).unwrap_or_else(|| "未登记".into());
            vec![
                one.number.as_str().into(),
                one.title.as_str().into(),
                target.into(),
                reason.into(),
            ]
        };
        let columns = vec![
            Column::new("编号", 1.9),
            Column::new("标题", 2.8),
            Column::new("超时指标", 1.3),
            Column::new("超时原因", 2.6),
        ];
        plain("late", &title, columns, listed.iter().map(row).collect())
    }

    /// Attainment of each target; every cell knows its tickets.
    fn attainment(&mut self) -> Told {
        let standard = self.standard();
        let columns = vec![
            Column::new("服务时限", 1.6),
            Column::new("承诺数", 1.1),
            Column::new("按时", 1.1),
            Column::new("超时", 1.1),
            Column::new("达标率", 1.3),
            Column::new("标准", 1.2),
            Column::new("状态", 1.1).centered(),
        ];
        let (mut rows, mut figures) = (Vec::new(), Vec::new());
        for one in &self.kept {
            let key = format!("sla.{}", one.target);
            let promise = |outcome: Option<&str>| Filter {
                promise: Some((one.target.clone(), outcome.map(str::to_owned))),
                ..Filter::default()
            };
            let keys = [key.clone(), format!("{key}.met"), format!("{key}.breached")];
            self.counter
                .keep(keys[0].clone(), one.met + one.breached, promise(None));
            self.counter
                .keep(keys[1].clone(), one.met, promise(Some("met")));
            self.counter
                .keep(keys[2].clone(), one.breached, promise(Some("breached")));
            let kept = one.rate() >= standard;
            rows.push(vec![
                one.name.as_str().into(),
                (one.met + one.breached).into(),
                one.met.into(),
                one.breached.into(),
                Cell {
                    value: Value::Percent(one.rate(), 2),
                    tone: Some(tone(kept)),
                },
                Value::Percent(standard, 2).into(),
                verdict(kept),
            ]);
            let [all, met, breached] = keys;
            figures.push(vec![
                None,
                Some(all),
                Some(met),
                Some(breached),
                None,
                None,
                None,
            ]);
        }
        Told {
            figures,
            ..plain("attainment", "服务时限达标情况", columns, rows)
        }
    }

    /// 指标 / 服务标准 / 实际值 / 状态 / 备注.
    fn indicators(&mut self) -> Section {
        let standard = self.standard();
        let (mut rows, mut text) = (Vec::new(), Vec::new());
        for one in &self.kept {
            let kept = one.rate() >= standard;
            rows.push(vec![
                format!("{}及时率", one.name).into(),
                format!("≥{}", Value::Percent(standard, 2).text()).into(),
                Cell::from(Value::Percent(one.rate(), 2)),
                verdict(kept),
                format!("承诺{}项，超时{}项", one.met + one.breached, one.breached).into(),
            ]);
            if !kept {
                text.push(analysis::missed(one, standard, self.counted, &self.names));
            }
        }
        for one in &self.background.systems {
            let Some(ratio) = one.availability.ratio else {
                continue;
            };
            let down = one.availability.down_seconds;
            rows.push(vec![
                format!("{}可用率", one.name).into(),
                format!("≥{}", analysis::promised(one.promised)).into(),
                Cell::from(Value::Percent(ratio, 3)),
                verdict(one.kept),
                if down == 0 {
                    "无中断".into()
                } else {
                    format!("中断{}", Value::Duration(down).text()).into()
                },
            ]);
            if !one.kept {
                text.push(analysis::unavailable(one, ratio));
            }
        }
        let proposal = match (rows.is_empty(), text.is_empty()) {
            (true, _) => "本月没有到期的服务承诺和监测数据。".to_owned(),
            (false, true) => "本月各项服务指标全部达标。".to_owned(),
            (false, false) => text.join("\n"),
        };
        let columns = vec![
            Column::new("指标名称", 2.4),
            Column::new("服务标准", 1.3).centered(),
            Column::new("实际值", 1.2),
            Column::new("状态", 1.1).centered(),
            Column::new("备注", 2.4),
        ];
        Section {
            tables: [plain("indicators", "服务指标表", columns, rows)]
                .into_iter()
                .chain(self.durations())
                .collect(),
            proposal,
            ..Section::default()
        }
    }

    fn issues(&mut self) -> Section {
        let open = self.counter.count("open", Filter::default().solved(false));
        let proposal = if open == 0 {
            String::new()
        } else {
            format!("截至统计时，本月受理的事件尚有{open}起未解决，须继续跟踪处理。")
        };
        Section {
            proposal,
            ..Section::default()
        }
    }

    fn appendix(&self) -> Section {
        let listed = &self.counted.listed;
        let total: i64 = self.counted.groups.iter().map(|group| group.n).sum();
        let mut table = self.list("list", "事件清单", listed);
        table.figures = Vec::new();
        let proposal = if i64::try_from(listed.len()).is_ok_and(|n| n < total) {
            format!(
                "本月事件共{total}起，本附件列出最早的{}起，其余见系统。",
                listed.len()
            )
        } else if total == 0 {
            "本月没有事件。".into()
        } else {
            String::new()
        };
        Section {
            tables: if total == 0 { Vec::new() } else { vec![table] },
            proposal,
            ..Section::default()
        }
    }

    fn list(&self, key: &str, title: &str, rows: &[super::rows::report_tickets::Model]) -> Told {
        let zone = &self.background.zone;
        let line = |line: Option<i32>| match line {
            Some(1) => "一线",
            Some(2) => "二线",
            Some(3) => "三线",
            _ => "—",
        };
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.number.as_str().into(),
                    row.title.as_str().into(),
                    self.names.of(Dimension::Type, row.r#type.as_deref()).into(),
                    self.names.of(Dimension::Level, row.level.as_deref()).into(),
                    Value::DateTime(local(row.reported_at, zone)).into(),
                    row.resolved_at.map_or_else(
                        || Cell::from("未解决"),
                        |at| Value::DateTime(local(at, zone)).into(),
                    ),
                    line(row.resolved_line).into(),
                ]
            })
            .collect();
        let columns = vec![
            Column::new("编号", 2.4),
            Column::new("标题", 2.1),
            Column::new("类型", 1.5),
            Column::new("级别", 1.5),
            // A day must not break at its hyphens.
            Column::new("受理时间", 1.65),
            Column::new("解决时间", 1.65),
            Column::new("解决", 0.8).centered(),
        ];
        plain(key, title, columns, rows)
    }
}
