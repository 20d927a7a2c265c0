//! The section on monitoring and messages: alarms by monitor, answering times, messages by channel.

use anlan_document::{Cell, Column, Tone, Value};

use super::content::{Counted, Figure, Section};
use super::sections::Maker;
use super::tables::plain;

/// Monitors listed, those with most alarms first.
const LISTED: usize = 20;

impl Maker<'_> {
    pub(super) fn alarms(&self) -> Section {
        let back = self.background;
        let sum = |of: fn(&crate::features::monitors::Alarms) -> i64| -> i64 {
            back.alarms.iter().map(of).sum()
        };
        let (critical, warning) = (sum(|one| one.critical), sum(|one| one.warning));
        let short = |kind: &str| kind == "http";
        let sms: i64 = back
            .sent
            .iter()
            .filter(|one| short(&one.kind))
            .map(|one| one.sent)
            .sum();
        let sent: i64 = back.sent.iter().map(|one| one.sent).sum();
        let figure = |key: &str, label: &str, n: i64, tone| Figure {
            key: key.into(),
            label: label.into(),
            value: n.into(),
            note: String::new(),
            tone,
        };
        let figures = vec![
            figure("alarms_critical", "告警（红色）", critical, None),
            figure("alarms_warning", "预警（蓝色）", warning, None),
            figure("messages", "发出消息", sent, None),
            figure("messages_sms", "其中短信", sms, None),
        ];
        let mut tables = Vec::new();
        if critical + warning > 0 {
            tables.push(self.alarming(critical, warning));
        }
        tables.extend(self.responses());
        tables.extend(self.messages());
        let proposal = if back.systems.is_empty() && critical + warning + sent == 0 {
            "本项目未配置监测对象，本月没有告警。".to_owned()
        } else if critical + warning == 0 {
            "本月没有告警和预警。".to_owned()
        } else {
            let first = &back.alarms[0];
            format!(
                "本月发生告警{critical}次、预警{warning}次，最多的是{}（{}次）；通过各通道发出消息{sent}条，其中短信{sms}条。",
                first.name,
                first.critical + first.warning,
            )
        };
        Section {
            figures,
            tables,
            proposal,
            ..Section::default()
        }
    }

    fn alarming(&self, critical: i64, warning: i64) -> Counted {
        let alarms = &self.background.alarms;
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let mut row = |name: &str, critical: i64, warning: i64, seconds: i64| {
            rows.push(vec![
                name.into(),
                critical.into(),
                warning.into(),
                (critical + warning).into(),
                Value::Duration(seconds).into(),
            ]);
        };
        for one in alarms.iter().take(LISTED) {
            row(&one.name, one.critical, one.warning, one.seconds);
        }
        let rest = alarms.iter().skip(LISTED);
        if alarms.len() > LISTED {
            let (mut red, mut blue, mut seconds) = (0, 0, 0);
            for one in rest {
                (red, blue, seconds) = (
                    red + one.critical,
                    blue + one.warning,
                    seconds + one.seconds,
                );
            }
            row("其他", red, blue, seconds);
        }
        let seconds = alarms.iter().map(|one| one.seconds).sum();
        row("合计", critical, warning, seconds);
        let columns = vec![
            Column::new("监控项", 2.6),
            Column::new("告警", 1.0),
            Column::new("预警", 1.0),
            Column::new("合计", 1.0),
            Column::new("累计时长", 1.6),
        ];
        let mut told = plain("alarms", "各监控项的告警与预警", columns, rows);
        told.table.total = true;
        told
    }

    /// How fast things answered; nothing where nothing was measured.
    fn responses(&self) -> Option<Counted> {
        let row = |one: &crate::features::monitors::Response| {
            let ms = |value: f64| Cell::from(Value::Decimal(value, 1));
            vec![
                one.name.as_str().into(),
                i64::try_from(one.samples).unwrap_or(i64::MAX).into(),
                ms(one.p50),
                ms(one.p95),
                ms(one.max),
            ]
        };
        let columns = vec![
            Column::new("监控项", 2.6),
            Column::new("应答次数", 1.3),
            Column::new("中位数", 1.1),
            Column::new("95% 以内", 1.1),
            Column::new("最大", 1.1),
        ];
        let rows: Vec<_> = self.background.responses.iter().map(row).collect();
        (!rows.is_empty()).then(|| plain("responses", "响应时间（毫秒）", columns, rows))
    }

    fn messages(&self) -> Option<Counted> {
        let kind = |kind: &str| match kind {
            "smtp" => "邮件",
            "http" => "短信",
            "wecom" => "企业微信",
            "dingtalk" => "钉钉",
            "feishu" => "飞书",
            _ => "其他",
        };
        let row = |one: &crate::features::notifications::Sent| {
            vec![
                one.channel.as_str().into(),
                kind(&one.kind).into(),
                one.sent.into(),
                Cell {
                    value: one.failed.into(),
                    tone: (one.failed > 0).then_some(Tone::Red),
                },
                one.waiting.into(),
            ]
        };
        let columns = vec![
            Column::new("通道", 2.4),
            Column::new("方式", 1.2),
            Column::new("已发出", 1.1),
            Column::new("失败", 1.1),
            Column::new("待发", 1.1),
        ];
        let rows: Vec<_> = self.background.sent.iter().map(row).collect();
        (!rows.is_empty()).then(|| plain("messages", "各通道发出的消息", columns, rows))
    }
}
