//! The named moments of a record's life that clocks start and stop at.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A moment an agreement's targets may start or stop at.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Event { $($(#[$doc])* $name,)* }

        impl Event {
            /// Every moment there is.
            pub const ALL: &[Event] = &[$(Event::$name,)*];

            /// The word used in definitions, database and API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Event::$name => $word,)* }
            }
        }
    };
}

events! {
    /// Reported: the moment the fault was told to us.
    Reported = "reported",
    /// First substantive feedback (响应).
    Responded = "responded",
    /// Support by telephone helped.
    PhoneSolved = "phone_solved",
    /// Support by telephone did not help.
    PhoneFailed = "phone_failed",
    /// Feedback again after the telephone did not help (再次响应).
    ReResponded = "re_responded",
    /// Given to an engineer (派单).
    Dispatched = "dispatched",
    /// The engineer took it (接单).
    Acknowledged = "acknowledged",
    /// The engineer telephoned the customer.
    Called = "called",
    /// The arrangement was told to the customer (安排反馈).
    ArrangementFedBack = "arrangement_fed_back",
    /// On site (到场).
    Arrived = "arrived",
    /// On-site work did not help.
    OnsiteFailed = "onsite_failed",
    /// A senior engineer is on site.
    SeniorArrived = "senior_arrived",
    /// The developers are on site.
    DeveloperArrived = "developer_arrived",
    /// Cause found (确诊).
    Diagnosed = "diagnosed",
    /// Plan delivered (提交处理方案).
    PlanDelivered = "plan_delivered",
    /// Timetable delivered (解决时间表).
    TimetableDelivered = "timetable_delivered",
    /// Handed to the second line (内部升级上报).
    EscalatedInternal = "escalated_internal",
    /// Handed to vendor or supplier (升级到厂商).
    EscalatedVendor = "escalated_vendor",
    /// A spare part is needed.
    SpareRequested = "spare_requested",
    /// The spare part is there.
    SpareDelivered = "spare_delivered",
    /// The question was answered (答复).
    Replied = "replied",
    /// Service is back, the fault not yet (恢复).
    Restored = "restored",
    /// Solved (解决).
    Resolved = "resolved",
    /// The customer said so too (确认).
    Confirmed = "confirmed",
    /// Report handed in (提交报告).
    ReportDelivered = "report_delivered",
    /// First written report of a complaint handed in (书面报告).
    WrittenReportDelivered = "written_report_delivered",
    /// Not solved after all.
    Reopened = "reopened",
    /// The fault level changed.
    LevelChanged = "level_changed",
    /// Over.
    Closed = "closed",
    /// Withdrawn or merged: nothing is promised any more.
    Cancelled = "cancelled",
}

/// The word names no moment.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown event `{0}`")]
pub struct UnknownEvent(String);

impl FromStr for Event {
    type Err = UnknownEvent;
    fn from_str(word: &str) -> Result<Self, UnknownEvent> {
        Self::ALL
            .iter()
            .copied()
            .find(|e| e.as_str() == word)
            .ok_or_else(|| UnknownEvent(word.to_owned()))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
