//! What has changed, told to live pages (SSE) and to the loops that wait for work.

use serde::Serialize;
use tokio::sync::broadcast;
use utoipa::ToSchema;
use uuid::Uuid;

/// What kind of thing a [`Change`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the name of a thing")]
pub enum Topic {
    Ticket,
    Monitor,
    Alert,
    Notice,
    Delivery,
    Report,
    Timer,
    Outbox,
    People,
    Settings,
}

/// A committed change. It carries no content: whoever hears it reads what they may see.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Change {
    /// What kind of thing changed.
    pub topic: Topic,
    /// Which one.
    pub id: Uuid,
    /// The project it belongs to, for listeners that may not see all projects.
    #[serde(skip)]
    pub project: Option<Uuid>,
    /// The only person concerned (a notice), when there is one.
    #[serde(skip)]
    pub person: Option<Uuid>,
}

impl Change {
    /// A change of something that belongs to no project.
    #[must_use]
    pub const fn new(topic: Topic, id: Uuid) -> Self {
        Self {
            topic,
            id,
            project: None,
            person: None,
        }
    }

    /// A change within a project.
    #[must_use]
    pub const fn in_project(topic: Topic, id: Uuid, project: Uuid) -> Self {
        Self {
            topic,
            id,
            project: Some(project),
            person: None,
        }
    }

    /// A change that concerns one person only.
    #[must_use]
    pub const fn for_person(topic: Topic, id: Uuid, person: Uuid) -> Self {
        Self {
            topic,
            id,
            project: None,
            person: Some(person),
        }
    }
}

/// The hub. A listener that falls behind misses changes and is told so; it then reads afresh.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Change>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Events {
    /// Tells everybody who listens.
    pub fn send(&self, change: Change) {
        // No listener is no error.
        drop(self.0.send(change));
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}
