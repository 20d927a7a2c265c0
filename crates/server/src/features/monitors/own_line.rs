//! The prober's own line: monitors marked as references (the gateway, well-known sites) show whether
//! it is connected. While none of them answers, nothing is called down, and people are told once.

use std::sync::{Mutex, PoisonError};

use anlan_core::alert::gate::{Change, Gate};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::platform::auth::rows::grants;
use crate::platform::error::Result;

/// The kind of message.
const KIND: &str = "alert.own_line";
/// Roles that hear of it, whatever their project.
const LISTENERS: [&str; 3] = ["system_admin", "monitor_duty", "technical_manager"];

/// What the references say. Without any, the line counts as good.
#[derive(Debug, Default)]
pub struct OwnLine(Mutex<(Vec<Uuid>, Gate)>);

impl OwnLine {
    /// Takes over which monitors are references; what is known of the same ones stays.
    pub fn set(&self, mut references: Vec<Uuid>) {
        references.sort_unstable();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != references {
            let gate = Gate::new(references.len());
            *known = (references, gate);
        }
    }

    /// Takes a result, if it is one of a reference.
    pub fn observe(&self, monitor: Uuid, answered: bool) -> Option<Change> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known.0.binary_search(&monitor).ok()?;
        known.1.observe(place, answered)
    }

    /// Whether the prober is cut off, or may be: then no failure of anything else is believed.
    pub fn is_in_doubt(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .is_in_doubt()
    }
}

/// Tells that the line is lost, or back.
///
/// # Errors
/// When the store fails.
pub async fn tell(app: &App, change: Change) -> Result<()> {
    let (title, urgent) = match change {
        Change::WentOffline => (
            (
                "采集端自身网络中断：参照目标均不可达，恢复前不判定任何故障",
                "The prober is cut off: no reference answers; nothing is called down until it is back",
            ),
            true,
        ),
        Change::CameOnline => (
            ("采集端自身网络已恢复", "The prober is connected again"),
            false,
        ),
    };
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let holders = grants::of_active()
                    .filter(grants::Column::Role.is_in(LISTENERS))
                    .all(&tx.db)
                    .await?;
                let message = Message {
                    kind: KIND.into(),
                    to: holders.into_iter().map(|grant| grant.user_id).collect(),
                    title: (title.0.into(), title.1.into()),
                    body: (String::new(), String::new()),
                    link: "/monitors".into(),
                    project: None,
                    subject: None,
                    urgent,
                    ends: (!urgent).then_some(KIND),
                };
                notifications::tell(tx, &message).await
            })
        })
        .await
}
