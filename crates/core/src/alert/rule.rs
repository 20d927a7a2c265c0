//! The rule of a monitor: which samples are bad, at which level, and how many make a problem.

use serde::de::{Error, value};
use serde::{Deserialize, Serialize};

use super::sample::Measured;

/// The two levels of R-276. Ordered: critical is the higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 预警, blue: the list turns blue, nobody is called.
    Warning,
    /// 告警, red: administrators are told by mail or SMS.
    Critical,
}

/// Everything that decides about one monitor's samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// At least one. The highest level that holds wins.
    pub conditions: Vec<Condition>,
    /// Good samples in a row before a condition lets go (1 to 20).
    #[serde(default = "two")]
    pub recover_after: u8,
    /// Seconds to the next check while a verdict is pending (1 to 3,600).
    #[serde(default = "ten")]
    pub retry_seconds: u32,
    /// Missed intervals after which the monitor counts as without data (1 to 100).
    #[serde(default = "three")]
    pub no_data_after: u8,
    /// Flapping detection; `null` switches it off.
    #[serde(default = "Flapping::usual")]
    pub flapping: Option<Flapping>,
}

/// One condition and what it takes to believe it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The level it raises.
    pub level: Level,
    /// What makes a sample bad.
    pub when: When,
    /// Bad samples needed (1 to 32)…
    #[serde(default = "three")]
    pub bad: u8,
    /// …among this many (`bad` to 32). Left out: all of them, that is, `bad` in a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<u8>,
    /// Whether this being so means that the service is not available. Left out: yes for `down`, no
    /// for thresholds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<bool>,
}

/// What makes a sample bad.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "AnyWhen")]
pub enum When {
    /// The check failed. Narrow it to some failure codes, or leave some out (for instance
    /// `keyword_missing` as a warning, everything else as critical).
    Down {
        /// Only these codes; empty means all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        only: Vec<String>,
        /// All but these codes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        except: Vec<String>,
    },
    /// A metric is greater than a value.
    Above {
        /// Name of the metric, for instance `response_ms`.
        metric: String,
        /// Greater than this is bad.
        value: f64,
        /// At or below this is good; left out: `value`. What lies between keeps things as they are.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recover: Option<f64>,
    },
    /// A metric is less than a value.
    Below {
        /// Name of the metric, for instance `cert_days`.
        metric: String,
        /// Less than this is bad.
        value: f64,
        /// At or above this is good; left out: `value`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recover: Option<f64>,
    },
}

/// [`When`] with the fields of every kind. Serde reads a tagged enum in one piece and could not say
/// which of its fields is wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyWhen {
    kind: Kind,
    only: Option<Vec<String>>,
    except: Option<Vec<String>>,
    metric: Option<String>,
    value: Option<f64>,
    recover: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Down,
    Above,
    Below,
}

impl TryFrom<AnyWhen> for When {
    type Error = value::Error;

    fn try_from(any: AnyWhen) -> Result<Self, value::Error> {
        any.refuse_strays()?;
        if any.kind == Kind::Down {
            return Ok(Self::Down {
                only: any.only.unwrap_or_default(),
                except: any.except.unwrap_or_default(),
            });
        }
        let metric = any.metric.ok_or_else(|| Error::missing_field("metric"))?;
        let value = any.value.ok_or_else(|| Error::missing_field("value"))?;
        let recover = any.recover;
        Ok(match any.kind {
            Kind::Above => Self::Above {
                metric,
                value,
                recover,
            },
            _ => Self::Below {
                metric,
                value,
                recover,
            },
        })
    }
}

impl AnyWhen {
    /// A field of another kind is refused like one that does not exist.
    fn refuse_strays(&self) -> Result<(), value::Error> {
        let down = self.kind == Kind::Down;
        let stray = [
            ("only", self.only.is_some() && !down),
            ("except", self.except.is_some() && !down),
            ("metric", self.metric.is_some() && down),
            ("value", self.value.is_some() && down),
            ("recover", self.recover.is_some() && down),
        ];
        match stray.iter().find(|(_, is_stray)| *is_stray) {
            Some((name, _)) => Err(Error::unknown_field(name, &[])),
            None => Ok(()),
        }
    }
}

/// Thresholds of flapping detection in percent of weighted state change over 20 samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flapping {
    /// Flapping begins above this.
    pub high: u8,
    /// Flapping ends at or below this.
    pub low: u8,
}

impl Flapping {
    /// The customary 30 % and 25 %.
    pub const USUAL: Self = Self { high: 30, low: 25 };

    #[expect(
        clippy::unnecessary_wraps,
        reason = "serde default of an optional field"
    )]
    fn usual() -> Option<Self> {
        Some(Self::USUAL)
    }
}

fn two() -> u8 {
    2
}

fn three() -> u8 {
    3
}

fn ten() -> u32 {
    10
}

/// How one sample looks to one condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    Bad,
    /// Between the recover threshold and the threshold.
    Between,
    Good,
    /// The sample says nothing about it (metric not measured).
    Absent,
}

/// A rule that cannot be used: the field and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {code}")]
pub struct RuleError {
    /// Path of the field, for instance `conditions[1].bad`.
    pub field: String,
    /// Stable code of the reason.
    pub code: &'static str,
}

impl Rule {
    /// Down three times in a row is critical: what a monitor without its own rule gets.
    #[must_use]
    pub fn usual() -> Self {
        let down = Condition {
            level: Level::Critical,
            when: When::Down {
                only: vec![],
                except: vec![],
            },
            bad: 3,
            of: None,
            outage: None,
        };
        Self {
            conditions: vec![down],
            recover_after: 2,
            retry_seconds: 10,
            no_data_after: 3,
            flapping: Some(Flapping::USUAL),
        }
    }

    /// Checks every figure; all faults are returned, not only the first.
    pub fn check(&self) -> Result<(), Vec<RuleError>> {
        let mut faults = Vec::new();
        let mut need = |ok: bool, field: String, code: &'static str| {
            if !ok {
                faults.push(RuleError { field, code });
            }
        };
        need(!self.conditions.is_empty(), "conditions".into(), "required");
        need(self.conditions.len() <= 32, "conditions".into(), "too_many");
        need(
            (1..=20).contains(&self.recover_after),
            "recover_after".into(),
            "out_of_range",
        );
        need(
            (1..=3_600).contains(&self.retry_seconds),
            "retry_seconds".into(),
            "out_of_range",
        );
        need(
            (1..=100).contains(&self.no_data_after),
            "no_data_after".into(),
            "out_of_range",
        );
        if let Some(f) = self.flapping {
            need(
                f.high <= 100 && f.high > 0,
                "flapping.high".into(),
                "out_of_range",
            );
            need(f.low <= f.high, "flapping.low".into(), "above_high");
        }
        for (i, condition) in self.conditions.iter().enumerate() {
            let path = |field: &str| format!("conditions[{i}].{field}");
            need(
                (1..=32).contains(&condition.bad),
                path("bad"),
                "out_of_range",
            );
            if let Some(of) = condition.of {
                need(
                    (condition.bad..=32).contains(&of),
                    path("of"),
                    "out_of_range",
                );
            }
            match &condition.when {
                When::Down { only, except } => {
                    need(
                        only.is_empty() || except.is_empty(),
                        path("when.except"),
                        "only_and_except",
                    );
                    need(only.len() <= 64, path("when.only"), "too_many");
                    need(except.len() <= 64, path("when.except"), "too_many");
                }
                When::Above {
                    metric,
                    value,
                    recover,
                } => {
                    need(
                        !metric.is_empty() && metric.len() <= 64,
                        path("when.metric"),
                        "required",
                    );
                    need(value.is_finite(), path("when.value"), "not_a_number");
                    need(
                        recover.is_none_or(|r| r.is_finite() && r <= *value),
                        path("when.recover"),
                        "wrong_side",
                    );
                }
                When::Below {
                    metric,
                    value,
                    recover,
                } => {
                    need(
                        !metric.is_empty() && metric.len() <= 64,
                        path("when.metric"),
                        "required",
                    );
                    need(value.is_finite(), path("when.value"), "not_a_number");
                    need(
                        recover.is_none_or(|r| r.is_finite() && r >= *value),
                        path("when.recover"),
                        "wrong_side",
                    );
                }
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }

    /// A number that changes when the conditions do: counters kept under another rule are not
    /// comparable. Stable between releases, and cheap, for it is asked for with every sample.
    #[must_use]
    pub fn fingerprint(&self) -> u32 {
        let mut hash = Fnv(0x811c_9dc5);
        for condition in &self.conditions {
            condition.feed(&mut hash);
        }
        hash.0
    }
}

/// FNV-1a, 32 bits.
struct Fnv(u32);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    /// Texts end with a byte that no text contains.
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.bytes(&[0xff]);
    }
}

impl Condition {
    fn feed(&self, hash: &mut Fnv) {
        let outage = self.outage.map_or(2, u8::from);
        hash.bytes(&[self.level as u8, self.bad, self.of.unwrap_or(0), outage]);
        match &self.when {
            When::Down { only, except } => {
                hash.bytes(b"d");
                only.iter().for_each(|code| hash.text(code));
                hash.bytes(b"x");
                except.iter().for_each(|code| hash.text(code));
            }
            When::Above {
                metric,
                value,
                recover,
            }
            | When::Below {
                metric,
                value,
                recover,
            } => {
                hash.bytes(if matches!(self.when, When::Above { .. }) {
                    b"a"
                } else {
                    b"b"
                });
                hash.text(metric);
                hash.bytes(&value.to_bits().to_le_bytes());
                hash.bytes(&recover.map_or(u64::MAX, f64::to_bits).to_le_bytes());
            }
        }
    }

    /// Length of the window, 1 to 32 samples.
    pub(super) fn window(&self) -> u8 {
        self.of.unwrap_or(self.bad).clamp(1, 32)
    }

    /// Whether its holding counts as unavailability.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        self.outage
            .unwrap_or(matches!(self.when, When::Down { .. }))
    }

    pub(super) fn look_at(&self, measured: &Measured) -> Finding {
        match &self.when {
            When::Down { only, except } => {
                let bad = measured.down.as_ref().is_some_and(|code| {
                    (only.is_empty() || only.contains(code)) && !except.contains(code)
                });
                if bad { Finding::Bad } else { Finding::Good }
            }
            When::Above {
                metric,
                value,
                recover,
            } => {
                let Some(x) = measured.metric(metric) else {
                    return Finding::Absent;
                };
                place(x > *value, x <= recover.unwrap_or(*value))
            }
            When::Below {
                metric,
                value,
                recover,
            } => {
                let Some(x) = measured.metric(metric) else {
                    return Finding::Absent;
                };
                place(x < *value, x >= recover.unwrap_or(*value))
            }
        }
    }
}

fn place(bad: bool, good: bool) -> Finding {
    match (bad, good) {
        (true, _) => Finding::Bad,
        (_, true) => Finding::Good,
        _ => Finding::Between,
    }
}
