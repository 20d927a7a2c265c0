//! From events to outages.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::span::Span;
use super::state::{Event, EventKind, Reason};

/// One outage of one monitor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// First bad sample.
    pub began: Timestamp,
    /// First good sample; `None` while it lasts.
    pub ended: Option<Timestamp>,
    /// What the sample said that made it believed; `None` when it began before the history at hand.
    pub reason: Option<Reason>,
}

/// What a monitor's events say about its availability.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// Outages, oldest first.
    pub outages: Vec<Outage>,
    /// When nothing was known (no data, prober fault); open ones reach to the end of time.
    pub blind: Vec<Span>,
    /// When it failed while a parent was down. Inside an outage; a contract may exclude it.
    pub unreachable: Vec<Span>,
}

impl Facts {
    /// Reads events in the order in which they happened. An end without a beginning belongs to
    /// something that was already under way when the history at hand begins.
    #[must_use]
    pub fn read<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut facts = Self::default();
        let mut blind = None;
        let mut unreachable = None;
        let mut seen_blind = false;
        for event in events {
            match &event.kind {
                EventKind::OutageBegan { began } => {
                    let reason = Some(event.reason.clone());
                    facts.outages.push(Outage {
                        began: *began,
                        ended: None,
                        reason,
                    });
                }
                EventKind::OutageEnded { ended } => match facts.outages.last_mut() {
                    Some(open) if open.ended.is_none() => open.ended = Some(*ended),
                    Some(_) => {}
                    None => {
                        let began = Timestamp::MIN;
                        facts.outages.push(Outage {
                            began,
                            ended: Some(*ended),
                            reason: None,
                        });
                    }
                },
                EventKind::DataLost { since } => {
                    seen_blind = true;
                    blind.get_or_insert(*since);
                }
                EventKind::DataReturned => {
                    let from = if seen_blind {
                        blind.take()
                    } else {
                        Some(Timestamp::MIN)
                    };
                    seen_blind = true;
                    facts
                        .blind
                        .extend(from.and_then(|from| Span::new(from, event.at)));
                }
                EventKind::UnreachableEntered => unreachable = Some(event.at),
                EventKind::UnreachableLeft => {
                    let from = unreachable.take().unwrap_or(Timestamp::MIN);
                    facts.unreachable.extend(Span::new(from, event.at));
                }
                _ => {}
            }
        }
        facts
            .blind
            .extend(blind.and_then(|from| Span::new(from, Timestamp::MAX)));
        facts
            .unreachable
            .extend(unreachable.and_then(|from| Span::new(from, Timestamp::MAX)));
        facts
    }
}
