//! What customers say of the service: ratings, complaints with their first report, work done again.

use anlan_core::sla::Target;
use anlan_document::{Cell, Column, Value};

use super::analysis::share;
use super::content::{Counted, Figure, Section};
use super::count::{Dimension, Filter};
use super::sections::{Maker, tone, verdict};
use super::tables::plain;

/// Type of tickets that complain.
const COMPLAINT: &str = "complaint";
/// The ratings, best first, and whether one says satisfied.
const RATINGS: [(&str, &str, bool); 4] = [
    ("good", "好", true),
    ("fairly_good", "较好", true),
    ("fair", "一般", false),
    ("poor", "差", false),
];

fn rated(rating: &str) -> Filter {
    Filter {
        by: Some((Dimension::Satisfaction, Some(rating.to_owned()))),
        ..Filter::default()
    }
}

impl Maker<'_> {
    pub(super) fn satisfaction(&mut self) -> Section {
        let solved = self.counter.count("solved", Filter::default().solved(true));
        let answered = Filter {
            rated: true,
            ..Filter::default()
        };
        let answered = self.counter.count("rated", answered);
        let again = Filter {
            reopened: true,
            ..Filter::default()
        };
        let complaints = Filter {
            by: Some((Dimension::Type, Some(COMPLAINT.to_owned()))),
            ..Filter::default()
        };
        let satisfied: i64 = RATINGS
            .iter()
            .filter(|(_, _, satisfied)| *satisfied)
            .map(|(key, ..)| rated(key).count(&self.counted.groups))
            .sum();
        let mut figures = vec![Figure {
            key: "rated".into(),
            label: "已评价".into(),
            value: answered.into(),
            note: format!("已解决 {solved}"),
            tone: None,
        }];
        if answered > 0 {
            figures.push(Figure {
                key: "satisfied".into(),
                label: "满意率".into(),
                value: Value::Percent(share(satisfied, answered), 1),
                note: "好与较好".into(),
                tone: None,
            });
        }
        figures.push(self.figure("complaints", "投诉", complaints, ""));
        figures.push(self.figure("reopened", "重新打开", again, "返工或再次出现"));
        let mut tables = Vec::new();
        if answered > 0 {
            tables.push(self.ratings(answered));
        }
        tables.extend(self.complaints());
        let proposal = if answered == 0 {
            "本月受理的事件没有满意度评价。".to_owned()
        } else {
            format!(
                "本月受理的事件已解决{solved}起，其中{answered}起有满意度评价，满意率（好与较好）{}。",
                Value::Percent(share(satisfied, answered), 1).text(),
            )
        };
        Section {
            figures,
            tables,
            proposal,
            ..Section::default()
        }
    }

    /// Every rating, those that nobody gave, too.
    fn ratings(&mut self, answered: i64) -> Counted {
        let (mut rows, mut figures) = (Vec::new(), Vec::new());
        for (rating, name, _) in RATINGS {
            let key = format!("satisfaction.{rating}");
            let n = self.counter.count(key.clone(), rated(rating));
            rows.push(vec![
                name.into(),
                n.into(),
                Value::Percent(share(n, answered), 1).into(),
            ]);
            figures.push(vec![None, Some(key), None]);
        }
        rows.push(vec![
            "合计".into(),
            answered.into(),
            Value::Percent(1.0, 1).into(),
        ]);
        figures.push(vec![None, Some("rated".into()), None]);
        let columns = vec![
            Column::new("评价", 2.0),
            Column::new("件数", 1.5),
            Column::new("占比", 1.5),
        ];
        let mut told = plain("satisfaction", "客户满意度", columns, rows);
        told.table.total = true;
        told.figures = figures;
        told
    }

    /// First written reports of complaints, in time or late; nothing without any.
    fn complaints(&mut self) -> Option<Counted> {
        let target = Target::WrittenReport.as_str();
        let of = |outcome: &str| -> i64 {
            let own = self.counted.promises.iter();
            let own = own.filter(|one| {
                one.target == target
                    && one.outcome == outcome
                    && one.kind.as_deref() == Some(COMPLAINT)
            });
            own.map(|one| one.n).sum()
        };
        let (met, breached) = (of("met"), of("breached"));
        if met + breached == 0 {
            return None;
        }
        let mut keys = Vec::new();
        let counts = [
            ("due", None, met + breached),
            ("met", Some("met"), met),
            ("breached", Some("breached"), breached),
        ];
        for (word, outcome, n) in counts {
            let key = format!("complaints.{word}");
            let filter = Filter {
                by: Some((Dimension::Type, Some(COMPLAINT.to_owned()))),
                promise: Some((target.to_owned(), outcome.map(str::to_owned))),
                ..Filter::default()
            };
            self.counter.keep(key.clone(), n, filter);
            keys.push(Some(key));
        }
        let rate = share(met, met + breached);
        let row = vec![
            "首次书面报告".into(),
            (met + breached).into(),
            met.into(),
            breached.into(),
            Cell {
                value: Value::Percent(rate, 2),
                tone: Some(tone(breached == 0)),
            },
            verdict(breached == 0),
        ];
        let columns = vec![
            Column::new("投诉", 2.0),
            Column::new("应提交", 1.2),
            Column::new("按时", 1.2),
            Column::new("超时", 1.2),
            Column::new("及时率", 1.3),
            Column::new("状态", 1.1).centered(),
        ];
        let mut figures = vec![None];
        figures.extend(keys);
        figures.extend([None, None]);
        Some(Counted {
            figures: vec![figures],
            ..plain("complaints", "投诉的首次书面报告", columns, vec![row])
        })
    }
}
