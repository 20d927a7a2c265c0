//! The things an agreement can promise by a certain time, and which events keep each promise.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::agreement::Start;
use crate::process::Event;

macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $zh:literal, $en:literal;)*) => {
        /// One kind of promise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Target { $($(#[$doc])* $name,)* }

        impl Target {
            /// Every target, in the order of a ticket's life.
            pub const ALL: &[Target] = &[$(Target::$name,)*];

            /// The word used in definitions, database and API.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Target::$name => $word,)* }
            }

            /// What people call it, in Chinese.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Target::$name => $zh,)* }
            }

            /// What people call it, in English.
            #[must_use]
            pub const fn en(self) -> &'static str {
                match self { $(Target::$name => $en,)* }
            }
        }
    };
}

targets! {
    /// The engineer took the job.
    Acknowledge = "acknowledge", "接单确认", "Acknowledgement";
    /// First substantive feedback to the customer.
    Respond = "respond", "响应", "Response";
    /// Feedback again when the telephone did not solve it.
    ReRespond = "re_respond", "再次响应", "Second response";
    /// The engineer telephones the customer.
    FirstCall = "first_call", "首次电话响应", "First call";
    /// An answer to a question or a mail.
    Reply = "reply", "答复", "Reply";
    /// An arrangement was made and told to the customer.
    ArrangementFeedback = "arrangement_feedback", "安排反馈", "Arrangement feedback";
    /// The plan for handling the fault was delivered.
    Plan = "plan", "方案提交", "Handling plan";
    /// Somebody is on site.
    Arrive = "arrive", "到场", "Arrival";
    /// A senior engineer is on site.
    SeniorArrive = "senior_arrive", "高级工程师到场", "Senior engineer's arrival";
    /// The developers are on site.
    DeveloperArrive = "developer_arrive", "开发人员到场", "Developers' arrival";
    /// The spare part is there.
    SparePart = "spare_part", "备件到位", "Spare part";
    /// A timetable for the solution was delivered.
    Timetable = "timetable", "解决时间表", "Timetable";
    /// The service works again.
    Restore = "restore", "恢复", "Restoration";
    /// The fault is solved.
    Resolve = "resolve", "解决", "Resolution";
    /// The service or fault report was handed in.
    Report = "report", "报告提交", "Report";
    /// The first written report of a complaint.
    WrittenReport = "written_report", "书面报告", "First written report";
}

impl Target {
    /// The events any of which keeps the promise. Whoever is on site or has solved it has responded, too.
    #[must_use]
    pub fn kept_by(self) -> &'static [Event] {
        use Event as E;
        match self {
            Self::Acknowledge => &[E::Acknowledged, E::Called, E::Arrived, E::Resolved],
            Self::Respond => &[
                E::Responded,
                E::Called,
                E::Replied,
                E::ArrangementFedBack,
                E::Arrived,
                E::Restored,
                E::Resolved,
                E::Closed,
            ],
            Self::ReRespond => &[E::ReResponded, E::Arrived],
            Self::FirstCall => &[E::Called, E::Arrived, E::Resolved],
            Self::Reply => &[E::Replied, E::Resolved, E::Closed],
            Self::ArrangementFeedback => &[E::ArrangementFedBack, E::PlanDelivered],
            Self::Plan => &[E::PlanDelivered],
            Self::Arrive => &[E::Arrived, E::SeniorArrived, E::DeveloperArrived],
            Self::SeniorArrive => &[E::SeniorArrived],
            Self::DeveloperArrive => &[E::DeveloperArrived],
            Self::SparePart => &[E::SpareDelivered],
            Self::Timetable => &[E::TimetableDelivered],
            Self::Restore => &[E::Restored, E::Resolved, E::Closed],
            Self::Resolve => &[E::Resolved, E::Closed],
            Self::Report => &[E::ReportDelivered],
            Self::WrittenReport => &[E::WrittenReportDelivered],
        }
    }

    /// The events after which nobody waits for it any more: nobody drives to a fault that is solved.
    #[must_use]
    pub fn dropped_by(self) -> &'static [Event] {
        use Event as E;
        match self {
            Self::ReRespond => &[E::PhoneSolved, E::Resolved, E::Closed],
            Self::ArrangementFeedback
            | Self::Plan
            | Self::Arrive
            | Self::SeniorArrive
            | Self::DeveloperArrive
            | Self::SparePart
            | Self::Timetable => &[E::Resolved, E::Closed],
            Self::Acknowledge | Self::FirstCall => &[E::Closed],
            _ => &[],
        }
    }

    /// Whether what keeps it may have happened before its clock began: an engineer who was on site anyway has arrived.
    pub(super) const fn may_precede_start(self) -> bool {
        !matches!(self, Self::Acknowledge | Self::ReRespond | Self::Report)
    }

    /// Whether its clock stands still while the ticket waits for somebody else, unless its rule says otherwise.
    pub(super) const fn stands_still(self) -> bool {
        use Target as T;
        !matches!(
            self,
            T::Acknowledge
                | T::Respond
                | T::ReRespond
                | T::FirstCall
                | T::ArrangementFeedback
                | T::Report
                | T::WrittenReport
        )
    }

    /// Whether a time agreed with the customer may replace the promise, unless its rule says otherwise.
    pub(super) const fn is_negotiable(self) -> bool {
        matches!(
            self,
            Self::Reply | Self::Plan | Self::Restore | Self::Resolve
        )
    }

    /// When its clock starts, unless its rule says otherwise.
    pub(super) const fn default_start(self) -> Start {
        match self {
            Self::Acknowledge => Start::Event {
                event: Event::Dispatched,
            },
            Self::Report => Start::Event {
                event: Event::Resolved,
            },
            _ => Start::Reported,
        }
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// How many targets there are.
pub(super) const TARGETS: usize = Target::ALL.len();

/// The word names no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown target `{0}`")]
pub struct UnknownTarget(String);

impl FromStr for Target {
    type Err = UnknownTarget;
    fn from_str(word: &str) -> Result<Self, UnknownTarget> {
        Self::ALL
            .iter()
            .copied()
            .find(|t| t.as_str() == word)
            .ok_or_else(|| UnknownTarget(word.to_owned()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A small set of events.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct EventSet(u64);

impl EventSet {
    /// The set of these events.
    #[must_use]
    pub fn of(events: &[Event]) -> Self {
        Self(
            events
                .iter()
                .fold(0, |set, event| set | 1 << (*event as u64)),
        )
    }

    /// Whether the event is in it.
    #[must_use]
    pub const fn contains(self, event: Event) -> bool {
        self.0 & (1 << (event as u64)) != 0
    }

    pub(super) fn insert(&mut self, event: Event) {
        self.0 |= 1 << (event as u64);
    }

    /// The events in it.
    pub fn iter(self) -> impl Iterator<Item = Event> {
        Event::ALL
            .iter()
            .copied()
            .filter(move |event| self.contains(*event))
    }
}

impl fmt::Debug for EventSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for EventSet {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
