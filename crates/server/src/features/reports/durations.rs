//! How long response, arrival and solution took, level by level.

use anlan_core::sla::Target;
use anlan_document::{Column, Value};

use super::content::Counted;
use super::count::{Dimension, Filter};
use super::sections::Maker;
use super::snapshot::Promise;
use super::tables::plain;

/// The three, in the order of a ticket's life.
const TARGETS: [Target; 3] = [Target::Respond, Target::Arrive, Target::Resolve];

/// How long one target took.
#[derive(Clone, Copy, Default)]
struct Took {
    n: i64,
    seconds: i64,
    longest: i64,
}

impl Took {
    fn of<'p>(promises: impl Iterator<Item = &'p Promise>) -> Self {
        promises.fold(Self::default(), |sum, one| Self {
            n: sum.n + one.timed,
            seconds: sum.seconds + one.seconds.unwrap_or(0),
            longest: sum.longest.max(one.longest.unwrap_or(0)),
        })
    }
}

impl Maker<'_> {
    /// Count, average and longest of each target and level, by the clocks of the agreement: they say
    /// from which event on and in whose working hours the time runs.
    pub(super) fn durations(&mut self) -> Option<Counted> {
        let (mut rows, mut figures) = (Vec::new(), Vec::new());
        let levels = self.names.values(Dimension::Level, &self.counted.groups);
        let each = levels.into_iter().map(Some).chain([None]);
        let each: Vec<Option<Option<String>>> = each.collect();
        for target in TARGETS {
            for level in &each {
                let own = self.counted.promises.iter();
                let own = own.filter(|one| one.target == target.as_str());
                let took = Took::of(
                    own.filter(|one| level.as_ref().is_none_or(|level| *level == one.level)),
                );
                if took.n == 0 {
                    continue;
                }
                let (key, name) = match level {
                    None => ("all".to_owned(), "合计".to_owned()),
                    Some(level) => (
                        format!("level.{}", level.as_deref().unwrap_or("-")),
                        self.names.of(Dimension::Level, level.as_deref()),
                    ),
                };
                let key = format!("took.{}.{key}", target.as_str());
                let filter = Filter {
                    by: level.clone().map(|level| (Dimension::Level, level)),
                    timed: Some(target.as_str().to_owned()),
                    ..Filter::default()
                };
                self.counter.keep(key.clone(), took.n, filter);
                rows.push(vec![
                    format!("{}时间", target.zh()).into(),
                    name.into(),
                    took.n.into(),
                    Value::Duration(took.seconds / took.n).into(),
                    Value::Duration(took.longest).into(),
                ]);
                figures.push(vec![None, None, Some(key), None, None]);
            }
        }
        let columns = vec![
            Column::new("指标", 1.4),
            Column::new("故障级别", 1.6),
            Column::new("件数", 1.0),
            Column::new("平均", 1.5),
            Column::new("最长", 1.5),
        ];
        let title = "响应、到场、解决时间（按协议计时）";
        (!rows.is_empty()).then(|| Counted {
            figures,
            ..plain("durations", title, columns, rows)
        })
    }
}
