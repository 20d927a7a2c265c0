//! Promises in words: by when, from when, whom it reminds.

use anlan_core::proposal::Kind;
use anlan_core::sla::{Act, Agreement, At, Promise, Reclassify, Rule, Start, Step, Target, Until};
use anlan_core::time::SignedDuration;

use super::Teller;
use crate::platform::i18n::Lang;

/// The length of a promise that is one plain length.
pub fn plain_length(rule: &Rule) -> Option<i64> {
    match rule.promise {
        Promise::Within { length } => Some(length.as_secs()),
        Promise::ByHours { .. } | Promise::Days { .. } => None,
    }
}

/// A length as people say it: 30 分钟, 1 小时 30 分钟, 2 天.
pub fn length(lang: Lang, length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let parts = [
        ("days", seconds / 86_400),
        ("hours", seconds % 86_400 / 3_600),
        ("minutes", seconds % 3_600 / 60),
        ("seconds", seconds % 60),
    ];
    let said = parts.iter().filter(|(_, n)| *n > 0).map(|(unit, n)| {
        let unit = if *n == 1 {
            format!("length.{unit}.one")
        } else {
            format!("length.{unit}")
        };
        lang.text(&unit, &[("n", n.to_string())])
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        lang.text("length.at_once", &[])
    } else {
        said.join(" ")
    }
}

impl Teller<'_> {
    /// A kind of ticket: its types and categories.
    pub(super) fn kind(&self, kind: &Kind) -> String {
        let names = |field: &str, keys: &[String]| -> Option<String> {
            let names: Vec<String> = keys.iter().map(|key| self.option(field, key)).collect();
            (!names.is_empty()).then(|| names.join(self.lang.pick("、", ", ")))
        };
        let categories = names("category", &kind.categories);
        let categories =
            categories.map(|names| self.say("agreement.category", &[("names", names)]));
        let both = [names("type", &kind.types), categories];
        let both: Vec<String> = both.into_iter().flatten().collect();
        both.join(self.lang.pick("，", ", "))
    }

    /// What a process calls an option of a field.
    fn option(&self, field: &str, key: &str) -> String {
        let processes = self.definitions.processes();
        let mut fields = processes.iter().filter_map(|process| process.field(field));
        let name = fields.find_map(|field| field.options.get(key));
        name.map_or_else(
            || key.to_owned(),
            |name| self.lang.pick(&name.zh, &name.en).to_owned(),
        )
    }

    pub(super) fn target_name(&self, target: Target) -> String {
        self.lang.pick(target.zh(), target.en()).to_owned()
    }

    /// By when.
    pub(super) fn promise(&self, rule: &Rule) -> String {
        let at_once = |length: SignedDuration| self.with_grace(length, rule.grace);
        match rule.promise {
            Promise::Within { length } => at_once(length),
            Promise::ByHours {
                working,
                nonworking,
            } => self.say(
                "agreement.by_hours",
                &[
                    ("working", at_once(working)),
                    ("nonworking", at_once(nonworking)),
                ],
            ),
            Promise::Days { days, until } => {
                let end = match until {
                    Until::DayEnd => "day_end",
                    Until::OfficeEnd => "office_end",
                };
                let key = if days == 0 {
                    format!("agreement.same_day.{end}")
                } else {
                    format!("agreement.days.{end}")
                };
                self.say(&key, &[("n", days.to_string())])
            }
        }
    }

    /// "At once" with what it may take.
    fn with_grace(&self, promised: SignedDuration, grace: SignedDuration) -> String {
        let said = length(self.lang, promised);
        if promised.is_zero() && !grace.is_zero() {
            self.say(
                "agreement.with_grace",
                &[("text", said), ("grace", length(self.lang, grace))],
            )
        } else {
            said
        }
    }

    /// From when.
    pub(super) fn start(&self, start: &Start) -> String {
        match start {
            Start::Reported => self.lang.text("event.reported", &[]),
            Start::Event { event } => self.lang.text(&format!("event.{event}"), &[]),
            Start::Breach { target } => self.say(
                "agreement.after_breach",
                &[("target", self.target_name(*target))],
            ),
        }
    }

    /// One step of a ladder.
    pub(super) fn step(&self, step: &Step) -> String {
        let at = match step.at {
            At::Percent { percent } => {
                self.say("agreement.at.percent", &[("percent", percent.to_string())])
            }
            At::Elapsed { length: after } => self.say(
                "agreement.at.elapsed",
                &[("length", length(self.lang, after))],
            ),
            At::Breach { after } if after.is_zero() => self.lang.text("agreement.at.breach", &[]),
            At::Breach { after } => self.say(
                "agreement.at.after_breach",
                &[("length", length(self.lang, after))],
            ),
        };
        let act = match step.act {
            Act::Remind => "remind",
            Act::Escalate => "escalate",
            Act::Reassign => "reassign",
        };
        let mut said = self.say(
            &format!("agreement.act.{act}"),
            &[("at", at), ("roles", self.roles(&step.tell))],
        );
        if let Some(repeat) = step.repeat {
            let every = length(self.lang, repeat.every);
            said += &self.say(
                "agreement.repeat",
                &[("every", every), ("times", repeat.times.to_string())],
            );
        }
        said
    }

    /// A level that follows from the length of an interruption.
    pub(super) fn reclassify(&self, agreement: &Agreement, rule: &Reclassify) -> String {
        let level = |key: &str| {
            agreement
                .level(key)
                .map_or_else(|| key.to_owned(), |level| self.text(&level.name))
        };
        let length = length(self.lang, rule.outage);
        self.say(
            "agreement.reclassify",
            &[
                ("from", level(&rule.from)),
                ("to", level(&rule.to)),
                ("length", length),
            ],
        )
    }

    fn roles(&self, keys: &[anlan_core::sla::Key]) -> String {
        let names: Vec<&str> = keys
            .iter()
            .map(|key| self.roles.get(&**key).map_or(&**key, String::as_str))
            .collect();
        names.join(self.lang.pick("、", ", "))
    }

    fn say(&self, key: &str, params: &[(&str, String)]) -> String {
        self.lang.text(key, params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_as_people_say_them() {
        let zh = |seconds| length(Lang::Zh, SignedDuration::from_secs(seconds));
        assert_eq!(zh(0), "即刻");
        assert_eq!(zh(1_800), "30 分钟");
        assert_eq!(zh(5_400), "1 小时 30 分钟");
        assert_eq!(zh(432_000), "5 天");
        assert_eq!(
            length(Lang::En, SignedDuration::from_secs(90_000)),
            "1 day 1 hour"
        );
        assert_eq!(
            length(Lang::En, SignedDuration::from_secs(7_200)),
            "2 hours"
        );
    }
}
