//! Charts of the section on incidents: how the months went, and the days and hours of this one.

use anlan_document::{Chart, ChartKind, Series, Target as Line, Tone, Value};

use super::analysis::share;
use super::sections::Maker;

/// Hours of a day.
const HOURS: usize = 24;

impl Maker<'_> {
    pub(super) fn charts(&self) -> Vec<Chart> {
        let trend = &self.background.trend;
        let first = 1 - i32::try_from(trend.lines.len()).unwrap_or(0);
        let months: Vec<String> = (first..=0)
            .map(|n| {
                let month = self.background.month.plus(n).first;
                if month.month() == 1 || n == first {
                    format!("{}年{}月", month.year() % 100, month.month())
                } else {
                    format!("{}月", month.month())
                }
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let line =
            |n: usize| -> Vec<f64> { trend.lines.iter().map(|month| month[n] as f64).collect() };
        let mut charts = vec![Chart {
            title: "近12个月事件数量".into(),
            kind: ChartKind::StackedBar,
            categories: months.clone(),
            series: vec![
                Series::new("一线解决", &line(0)),
                Series::new("二线解决", &line(1)),
                Series::new("三线解决", &line(2)),
                Series::new("未解决或其他", &line(3)).toned(Tone::Grey),
            ],
            unit: "起".into(),
            target: None,
            note: "按受理时间统计。".into(),
        }];
        if trend
            .promises
            .iter()
            .any(|[met, breached]| met + breached > 0)
        {
            let values = trend
                .promises
                .iter()
                .map(|[met, breached]| {
                    (met + breached > 0).then(|| share(*met, met + breached) * 100.0)
                })
                .collect();
            charts.push(Chart {
                title: "近12个月服务时限达标率".into(),
                kind: ChartKind::Line,
                categories: months,
                series: vec![Series {
                    name: "达标率".into(),
                    values,
                    tone: Some(Tone::Blue),
                }],
                unit: "%".into(),
                target: Some(Line {
                    label: format!("标准 {}", Value::Percent(self.standard(), 2).text()),
                    value: self.standard() * 100.0,
                }),
                note: "全部计入考核的时限承诺；没有承诺到期的月份不绘制。".into(),
            });
        }
        charts.extend(self.daily());
        charts
    }

    /// Incidents by day of the month and by hour of the day; nothing in a month without any.
    fn daily(&self) -> Vec<Chart> {
        let hours = &self.counted.hours;
        if hours.is_empty() {
            return Vec::new();
        }
        let days = usize::try_from(self.background.month.last().day()).unwrap_or(0);
        let (mut by_day, mut by_hour) = (vec![0_i64; days], vec![0_i64; HOURS]);
        for one in hours {
            let hour = usize::try_from(one.hour).unwrap_or(0);
            if let Some(day) = by_day.get_mut(hour / HOURS) {
                *day += one.n;
            }
            by_hour[hour % HOURS] += one.n;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let bars = |title: &str, from: usize, counts: &[i64], note: &str| Chart {
            title: title.into(),
            kind: ChartKind::Bar,
            categories: (from..from + counts.len()).map(|n| n.to_string()).collect(),
            series: vec![Series::new(
                "事件",
                &counts.iter().map(|n| *n as f64).collect::<Vec<_>>(),
            )],
            unit: "起".into(),
            target: None,
            note: note.into(),
        };
        vec![
            bars(
                "本月每日事件数量",
                1,
                &by_day,
                "横轴为日期，按受理时间统计。",
            ),
            bars(
                "各时段事件数量",
                0,
                &by_hour,
                "横轴为一天中的钟点，按受理时间统计。",
            ),
        ]
    }
}
