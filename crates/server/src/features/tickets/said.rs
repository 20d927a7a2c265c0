//! What the system says by itself about a ticket's promises. The timeline keeps what was said and
//! not its words, so that each reader has it in his own language.

use anlan_core::sla::{Target, Wakeup, WakeupKind};
use serde::{Deserialize, Serialize};

use crate::platform::error::{Error, Result};
use crate::platform::i18n::Lang;

/// Something that the system said.
#[derive(Debug, Serialize, Deserialize)]
pub struct Said {
    target: Option<Target>,
    #[serde(flatten)]
    what: WakeupKind,
}

impl Said {
    /// What there is to say at a wake-up.
    pub fn of(wakeup: &Wakeup) -> Self {
        Self {
            target: wakeup.target,
            what: wakeup.kind.clone(),
        }
    }

    /// As the note of a timeline entry.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn stored(&self) -> Result<String> {
        serde_json::to_string(self).map_err(Error::internal)
    }

    /// A note in a reader's language. One of before notes were stored like this stays as it is.
    pub fn told(note: String, lang: Lang) -> String {
        match serde_json::from_str::<Self>(&note) {
            Ok(said) => {
                let (zh, en) = said.texts();
                lang.pick(&zh, &en).to_owned()
            }
            Err(_) => note,
        }
    }

    /// In Chinese and English.
    pub fn texts(&self) -> (String, String) {
        let (zh, en) = self
            .target
            .map_or(("", ""), |target| (target.zh(), target.en()));
        match &self.what {
            WakeupKind::Remind => (
                format!("提醒：{zh}尚未完成"),
                format!("Reminder: {en} is still open"),
            ),
            WakeupKind::Warn { percent } => (
                format!("预警：{zh}时限已用 {percent}%"),
                format!("Warning: {percent} % of the time for {en} is used"),
            ),
            WakeupKind::Breach => (
                format!("超时：{zh}未在时限内完成"),
                format!("Overdue: {en} was not done in time"),
            ),
            WakeupKind::Repeat { count } => (
                format!("第 {count} 次提醒：{zh}仍未完成"),
                format!("Reminder {count}: {en} is still open"),
            ),
            WakeupKind::Escalate { step } => (
                format!("{zh}超时，升级上报第 {step} 级"),
                format!("{en} is overdue, escalation step {step}"),
            ),
            WakeupKind::Reassign => (
                format!("{zh}无人完成，请改派"),
                format!("{en} is not being done, please reassign"),
            ),
            WakeupKind::StartTarget => (
                format!("{zh}开始计时"),
                format!("The clock for {en} has started"),
            ),
            WakeupKind::Reclassify { from, to } => (
                format!("中断时间超限，级别由 {from} 升为 {to}"),
                format!("The interruption lasts too long: level {from} becomes {to}"),
            ),
        }
    }

    /// Its word in the names of actions and messages.
    pub const fn word(&self) -> &'static str {
        match &self.what {
            WakeupKind::Remind => "remind",
            WakeupKind::Warn { .. } => "warn",
            WakeupKind::Breach => "breach",
            WakeupKind::Repeat { .. } => "repeat",
            WakeupKind::Escalate { .. } => "escalate",
            WakeupKind::Reassign => "reassign",
            WakeupKind::StartTarget => "start",
            WakeupKind::Reclassify { .. } => "reclassify",
        }
    }
}
