//! What the figures say, in words: the proposals people edit.

use std::collections::{BTreeMap, BTreeSet};

use anlan_core::sla::Target;
use anlan_document::Value;

use super::count::Dimension;
use super::snapshot::{Counted, Late, Promise};
use super::tables::Names;
use crate::features::monitors::SystemAvailability;

/// What became of one target over the month.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Key of the target.
    pub target: String,
    /// Its name.
    pub name: String,
    /// Tickets whose promise was kept.
    pub met: i64,
    /// Tickets whose promise was broken.
    pub breached: i64,
}

impl Kept {
    /// Share kept.
    pub fn rate(&self) -> f64 {
        share(self.met, self.met + self.breached)
    }
}

/// `part` of `whole`, 1 when there is no whole.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// Targets in the order of a ticket's life, from how many promises of each came to which outcome.
pub fn kept(promises: &[(&str, &str, i64)]) -> Vec<Kept> {
    let one = |target: &Target| {
        let n = |word: &str| {
            let of =
                |(of, outcome, _): &&(&str, &str, i64)| *of == target.as_str() && *outcome == word;
            promises.iter().filter(of).map(|(_, _, n)| n).sum()
        };
        let kept = Kept {
            target: target.as_str().to_owned(),
            name: target.zh().to_owned(),
            met: n("met"),
            breached: n("breached"),
        };
        (kept.met + kept.breached > 0).then_some(kept)
    };
    Target::ALL.iter().filter_map(one).collect()
}

/// Why a target was missed: how often, where, and what was given as the reason.
pub fn missed(kept: &Kept, standard: f64, counted: &Counted, names: &Names<'_>) -> String {
    let most = |dimension: Dimension, value: fn(&Promise) -> Option<&str>| {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for one in counted
            .promises
            .iter()
            .filter(|one| one.target == kept.target && one.outcome == "breached")
        {
            *sums.entry(names.of(dimension, value(one))).or_default() += one.n;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        let words = sums.into_iter().take(3);
        let words: Vec<String> = words.map(|(name, n)| format!("{name}{n}起")).collect();
        words.join("、")
    };
    let mut text = format!(
        "{}及时率{}，低于{}的标准：{}项承诺中{}项超时，按级别为{}，按分类为{}。",
        kept.name,
        Value::Percent(kept.rate(), 2).text(),
        Value::Percent(standard, 2).text(),
        kept.met + kept.breached,
        kept.breached,
        most(Dimension::Level, |one| one.level.as_deref()),
        most(Dimension::Category, |one| one.category.as_deref()),
    );
    let own = counted.late.iter().filter(|one| one.target == kept.target);
    let reasons: Vec<String> = own
        .filter_map(|one| Some(format!("{}（{}）", one.number, reason(one)?)))
        .take(3)
        .collect();
    if reasons.is_empty() {
        text.push_str("超时原因尚未登记，请补充。");
    } else {
        text.push_str(&format!("登记的原因：{}。", reasons.join("；")));
    }
    text
}

/// The reason that was given for a broken promise.
pub fn reason(late: &Late) -> Option<String> {
    let fields: serde_json::Value = serde_json::from_str(&late.fields).ok()?;
    let text = fields.get("miss_reason")?.as_str()?.trim();
    (!text.is_empty()).then(|| text.trim_end_matches('。').to_owned())
}

/// What pulled a system's availability down, and what was really left out of it.
pub fn unavailable(system: &SystemAvailability, ratio: f64) -> String {
    let left_out = left_out(system);
    let left_out = if left_out.is_empty() {
        "没有扣除任何时长".to_owned()
    } else {
        format!("已扣除{}", left_out.join("、"))
    };
    format!(
        "{}可用率{}，低于{}的标准：计入的中断累计{}，共{}次；{left_out}。",
        system.name,
        Value::Percent(ratio, 3).text(),
        promised(system.promised),
        Value::Duration(system.availability.down_seconds).text(),
        system.availability.outages.len(),
    )
}

/// A promised availability in millionths, as people write it: two places, more only where they say more.
pub fn promised(millionths: u32) -> String {
    let places = match millionths {
        n if n.is_multiple_of(100) => 2,
        n if n.is_multiple_of(10) => 3,
        _ => 4,
    };
    Value::Percent(f64::from(millionths) / 1_000_000.0, places).text()
}

/// Time of a system that does not count, by cause.
pub fn left_out(system: &SystemAvailability) -> Vec<String> {
    let parts = system
        .availability
        .excluded
        .iter()
        .filter(|part| part.seconds > 0);
    let told = parts.map(|part| {
        let length = Value::Duration(part.seconds).text();
        format!("{}{length}", exclusion(&part.reason))
    });
    told.collect()
}

/// The causes for which time of any system was left out.
pub fn causes(systems: &[SystemAvailability]) -> String {
    let parts = systems
        .iter()
        .flat_map(|system| &system.availability.excluded);
    let parts = parts.filter(|part| part.seconds > 0);
    let causes: BTreeSet<&str> = parts.map(|part| exclusion(&part.reason)).collect();
    if causes.is_empty() {
        return "没有扣除任何时长".into();
    }
    let causes: Vec<&str> = causes.into_iter().collect();
    format!("已扣除{}的时长", causes.join("、"))
}

/// Why time does not count, as people say it.
pub fn exclusion(word: &str) -> &'static str {
    match word {
        "maintenance" => "计划内维护",
        "force_majeure" => "不可抗力",
        "unreachable" => "上级线路或设备故障",
        "no_data" => "未监测",
        _ => "约定不计",
    }
}
