//! The shape of an agreement file, before it is checked.
//!
//! ```yaml
//! kind: agreement              # or preset: a part that agreements take in with `uses`
//! key: X
//! version: 1
//! name: {zh: …, en: …}
//! summary: {zh: …, en: …}
//! uses: [escalation, dispatch] # presets; what this file says itself comes first
//! accept: 7x24                 # when requests are accepted
//! defaults: {calendar: 7x24, pause: all, ladder: […]}
//! all:                         # promises of every level
//!   resolve:                   # a target
//!     within: 4h               # 30m 4h 5d 1w, same_day, 5wd (working days); or working: and nonworking:
//!     grace: 5m                # how long "at once" (0m) may take
//!     until: office_end        # with same_day and working days; or day_end
//!     calendar: office         # measures the time; office and 5x8 are the project's own hours
//!     hours: office            # decides working or not, for promises that depend on it
//!     from: reported           # any event, or: breach of <target>
//!     stop: [resolved]         # events that keep it; default by target
//!     cancel: []               # events after which nobody waits for it; default by target
//!     pause: [waiting_customer]# waits it stands still for; or all, none
//!     negotiable: true         # an agreed time may replace it
//!     each: false              # a clock of its own for every start event
//!     internal: false          # our own discipline, never counted
//!     only: {types: [complaint], channels: [email]}
//!     on_start: [role]         # told when it starts
//!     in_charge: role          # a holder of it takes over when it starts
//!     ladder:
//!       - {at: 80%, tell: [assignee]}            # 80%, 15m, breach, breach+30m
//!       - {at: breach+1h, every: 1h, times: 3, tell: [project_manager], act: escalate}
//! levels:
//!   一级: {name: …, definition: …, priorities: [1], targets: {…}}
//!   数据类:                      # proposed for kinds of ticket; within one all must fit, any one is enough
//!     for: [{types: [request], categories: [data]}, {categories: [supplier]}]
//! reclassify:
//!   - {from: 一般, to: 重大, outage: 1h, tell: [project_manager]}
//! ```

use serde::{Deserialize, Deserializer, de};
use serde_saphyr::Spanned;

use super::agreement::{Act, Only, Until};
use crate::definition::{Entries, Text};
use crate::proposal::Kind;

/// A text of which the line is known.
pub(super) type Line = Spanned<String>;

/// `kind: agreement`, or `kind: preset` for a part that agreements take in with `uses`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub kind: Line,
    pub key: Line,
    #[serde(default = "one")]
    pub version: u32,
    pub name: Text,
    pub summary: Text,
    #[serde(default)]
    pub uses: Vec<Line>,
    #[serde(default)]
    pub accept: Option<Line>,
    #[serde(default)]
    pub defaults: Defaults,
    #[serde(default)]
    pub all: Entries<RuleFile>,
    #[serde(default)]
    pub levels: Entries<LevelFile>,
    #[serde(default)]
    pub reclassify: Vec<ReclassifyFile>,
}

const fn one() -> u32 {
    1
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Defaults {
    #[serde(default)]
    pub calendar: Option<Line>,
    #[serde(default)]
    pub pause: Option<OneOrMany>,
    #[serde(default)]
    pub ladder: Option<Vec<StepFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LevelFile {
    pub name: Text,
    pub definition: Text,
    #[serde(default)]
    pub priorities: Vec<u8>,
    #[serde(default, rename = "for")]
    pub kinds: Vec<Kind>,
    #[serde(default)]
    pub targets: Entries<RuleFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    #[serde(default)]
    pub within: Option<Line>,
    #[serde(default)]
    pub working: Option<Line>,
    #[serde(default)]
    pub nonworking: Option<Line>,
    #[serde(default)]
    pub grace: Option<Line>,
    #[serde(default)]
    pub until: Option<Until>,
    #[serde(default)]
    pub calendar: Option<Line>,
    #[serde(default)]
    pub hours: Option<Line>,
    #[serde(default)]
    pub from: Option<Line>,
    #[serde(default)]
    pub stop: Option<Vec<Line>>,
    #[serde(default)]
    pub cancel: Option<Vec<Line>>,
    #[serde(default)]
    pub pause: Option<OneOrMany>,
    #[serde(default)]
    pub negotiable: Option<bool>,
    #[serde(default)]
    pub each: bool,
    #[serde(default)]
    pub internal: bool,
    #[serde(default)]
    pub only: Only,
    #[serde(default)]
    pub ladder: Option<Vec<StepFile>>,
    #[serde(default)]
    pub on_start: Vec<String>,
    #[serde(default)]
    pub in_charge: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFile {
    pub at: Line,
    #[serde(default)]
    pub every: Option<Line>,
    #[serde(default)]
    pub times: Option<u32>,
    #[serde(default)]
    pub tell: Vec<String>,
    #[serde(default)]
    pub act: Option<Act>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReclassifyFile {
    pub from: Line,
    pub to: Line,
    pub outage: Line,
    #[serde(default)]
    pub tell: Vec<String>,
}

/// `all`, `none` or a list of names.
#[derive(Debug)]
pub(super) struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = OneOrMany;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("all, none, or a list of names")
            }
            fn visit_str<E: de::Error>(self, one: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![one.to_owned()]))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany, A::Error> {
                let mut many = Vec::new();
                while let Some(name) = list.next_element()? {
                    many.push(name);
                }
                Ok(OneOrMany(many))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
