//! Tables whose cells know the tickets behind them.

use std::collections::BTreeMap;
use std::sync::Arc;

use anlan_core::process::Definition;
use anlan_core::sla::{Agreement, Level};
use anlan_document::{Cell, Column, Table};

use super::content::{Count, Counted};
use super::count::{Dimension, Filter, Group};

/// What a dimension's missing value is called.
const NONE: &str = "未填";

/// Everything counted for one report, by key.
#[derive(Debug)]
pub struct Counter<'a> {
    groups: &'a [Group],
    /// What was counted so far.
    pub counts: BTreeMap<String, Count>,
}

impl<'a> Counter<'a> {
    /// A counter over a snapshot's groups.
    pub const fn new(groups: &'a [Group]) -> Self {
        Self {
            groups,
            counts: BTreeMap::new(),
        }
    }

    /// Counts what a filter means and remembers it under `key`.
    pub fn count(&mut self, key: impl Into<String>, filter: Filter) -> i64 {
        let value = filter.count(self.groups);
        self.keep(key, value, filter);
        value
    }

    /// Remembers what was counted elsewhere.
    pub fn keep(&mut self, key: impl Into<String>, value: i64, filter: Filter) {
        self.counts.insert(key.into(), Count { value, filter });
    }
}

/// How options and levels are called.
pub struct Names<'a> {
    /// The process of incidents.
    pub process: Option<&'a Definition>,
    /// The agreements of the period.
    pub agreements: &'a [Arc<Agreement>],
}

impl Names<'_> {
    /// The name of a value.
    pub fn of(&self, dimension: Dimension, value: Option<&str>) -> String {
        let Some(value) = value else {
            return if dimension == Dimension::Level {
                "未定级"
            } else {
                NONE
            }
            .to_owned();
        };
        let name = if dimension == Dimension::Level {
            let mut levels = self.levels();
            let level = levels.find(|level| &*level.key == value);
            level.map(|level| level.name.zh.clone())
        } else {
            self.process.and_then(|process| {
                let field = process.field(dimension.field())?;
                Some(field.options.get(value)?.zh.clone())
            })
        };
        name.unwrap_or_else(|| value.to_owned())
    }

    /// The levels of all agreements, agreement by agreement.
    fn levels(&self) -> impl Iterator<Item = &Level> {
        self.agreements
            .iter()
            .flat_map(|agreement| &agreement.levels)
    }

    /// The values that occur: levels by rank, the others by how often.
    pub(super) fn values(&self, dimension: Dimension, groups: &[Group]) -> Vec<Option<String>> {
        let mut found: BTreeMap<Option<String>, i64> = BTreeMap::new();
        for group in groups {
            *found
                .entry(group.value(dimension).map(str::to_owned))
                .or_default() += group.n;
        }
        let rank = |value: &Option<String>| {
            let of = |value: &str| self.levels().position(|level| &*level.key == value);
            value.as_deref().and_then(of).unwrap_or(usize::MAX)
        };
        let mut values: Vec<(Option<String>, i64)> = found.into_iter().collect();
        if dimension == Dimension::Level {
            values.sort_by_key(|(value, _)| (value.is_none(), rank(value)));
        } else {
            values.sort_by_key(|(value, n)| (value.is_none(), -n));
        }
        values.into_iter().map(|(value, _)| value).collect()
    }
}

/// Incidents in one dimension: how many, solved, by which line.
pub fn by(
    counter: &mut Counter<'_>,
    names: &Names<'_>,
    dimension: Dimension,
    title: &str,
    head: &str,
) -> Counted {
    let field = dimension.field();
    let columns = vec![
        Column::new(head, 2.4),
        Column::new("事件总数", 1.3),
        Column::new("已解决", 1.3),
        Column::new("一线解决", 1.3),
        Column::new("二线解决", 1.3),
        Column::new("三线解决", 1.3),
        Column::new("未解决", 1.3),
        Column::new("取消", 1.1),
    ];
    let mut values: Vec<(String, String, Filter)> = names
        .values(dimension, counter.groups)
        .into_iter()
        .map(|value| {
            let key = format!("{field}.{}", value.as_deref().unwrap_or("-"));
            let name = names.of(dimension, value.as_deref());
            let filter = Filter {
                by: Some((dimension, value)),
                ..Filter::default()
            };
            (key, name, filter)
        })
        .collect();
    values.push((format!("{field}.all"), "合计".into(), Filter::default()));
    let mut table = Table {
        caption: title.to_owned(),
        columns,
        rows: Vec::new(),
        total: true,
    };
    let mut figures = Vec::new();
    for (key, name, filter) in values {
        let of = |filter: &Filter| filter.clone();
        let cells = [
            (key.clone(), of(&filter)),
            (format!("{key}.solved"), of(&filter).solved(true)),
            (format!("{key}.line1"), of(&filter).by_line(1)),
            (format!("{key}.line2"), of(&filter).by_line(2)),
            (format!("{key}.line3"), of(&filter).by_line(3)),
            (format!("{key}.open"), of(&filter).solved(false)),
            (format!("{key}.cancelled"), of(&filter).cancelled()),
        ];
        let mut row = vec![Cell::from(name)];
        let mut keys = vec![None];
        for (key, filter) in cells {
            row.push(counter.count(key.clone(), filter).into());
            keys.push(Some(key));
        }
        table.rows.push(row);
        figures.push(keys);
    }
    Counted {
        key: field.to_owned(),
        table,
        figures,
    }
}

/// A table of which nothing was counted from tickets.
pub fn plain(key: &str, caption: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Counted {
    Counted {
        key: key.to_owned(),
        figures: Vec::new(),
        table: Table {
            caption: caption.to_owned(),
            columns,
            rows,
            total: false,
        },
    }
}
