//! Tables of tickets, their timeline, clocks and links.

/// Tickets of every process. The columns beside `fields` are what lists sort and filter by; they
/// are projections of `fields`, written by `record.rs` only.
pub mod tickets {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One ticket.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tickets")]
    #[expect(
        missing_docs,
        reason = "columns; see the process definition for their meaning"
    )]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub project_id: Uuid,
        pub process: String,
        pub definition_version: i32,
        pub state: String,
        pub state_kind: String,
        pub title: String,
        pub r#type: Option<String>,
        pub category: Option<String>,
        pub cause_category: Option<String>,
        pub channel: Option<String>,
        pub unit_id: Option<Uuid>,
        pub contact_id: Option<Uuid>,
        pub caller_name: String,
        pub caller_phone: String,
        pub system: String,
        pub ci: String,
        pub impact: Option<i32>,
        pub urgency: Option<i32>,
        pub priority: Option<i32>,
        pub level: Option<String>,
        pub line: Option<i32>,
        pub major: bool,
        pub interrupted: bool,
        pub outage_started_at: Option<At>,
        pub outage_ended_at: Option<At>,
        pub assignee_id: Option<Uuid>,
        pub group_id: Option<Uuid>,
        pub created_by: Option<Uuid>,
        pub reported_at: At,
        pub created_at: At,
        pub updated_at: At,
        pub resolved_at: Option<At>,
        pub closed_at: Option<At>,
        pub resolved_line: Option<i32>,
        pub backdated: bool,
        /// Key and version of the agreement whose promises run.
        pub agreement: Option<String>,
        pub agreement_version: Option<i32>,
        /// Key of the office hours that were in force when it was reported.
        pub calendar: Option<String>,
        /// The running clock that is due next.
        pub next_target: Option<String>,
        pub next_due_at: Option<At>,
        pub breached: bool,
        pub reopened: i32,
        /// How satisfied the customer was: an option of the field of this name.
        pub satisfaction: Option<String>,
        /// Entries in the timeline.
        pub events: i32,
        /// Reminders and escalations up to here have been carried out.
        pub woken_at: At,
        /// What the promises are computed from: `sla::History` as JSON.
        pub history: String,
        /// Where it came from when a machine made it: `import`, `monitor`…
        pub source_kind: Option<String>,
        pub source_id: Option<String>,
        /// All fields as JSON.
        pub fields: String,
        /// Number, title and description in lower case, for finding.
        pub search: String,
        pub version: i32,
    }

    impl Model {
        /// A ticket of which nothing is known yet.
        #[must_use]
        pub fn empty() -> Self {
            let now = At::default();
            let none = String::new;
            Self {
                id: Uuid::nil(),
                number: none(),
                project_id: Uuid::nil(),
                process: none(),
                definition_version: 0,
                state: none(),
                state_kind: none(),
                title: none(),
                r#type: None,
                category: None,
                cause_category: None,
                channel: None,
                unit_id: None,
                contact_id: None,
                caller_name: none(),
                caller_phone: none(),
                system: none(),
                ci: none(),
                impact: None,
                urgency: None,
                priority: None,
                level: None,
                line: None,
                major: false,
                interrupted: false,
                outage_started_at: None,
                outage_ended_at: None,
                assignee_id: None,
                group_id: None,
                created_by: None,
                reported_at: now,
                created_at: now,
                updated_at: now,
                resolved_at: None,
                closed_at: None,
                resolved_line: None,
                backdated: false,
                agreement: None,
                agreement_version: None,
                calendar: None,
                next_target: None,
                next_due_at: None,
                breached: false,
                reopened: 0,
                satisfaction: None,
                events: 0,
                woken_at: now,
                history: none(),
                source_kind: None,
                source_id: None,
                fields: none(),
                search: none(),
                version: 0,
            }
        }
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The timeline: append-only, the database itself refuses changes.
pub mod ticket_events {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One entry.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_events")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub ticket_id: Uuid,
        /// Place in the timeline, from 1.
        pub seq: i32,
        /// When it was written down.
        pub at: At,
        /// When it truly happened.
        pub happened_at: At,
        pub actor_kind: String,
        pub actor_id: Option<Uuid>,
        pub actor_name: String,
        pub action: String,
        pub from_state: Option<String>,
        pub to_state: String,
        pub note: String,
        /// Changed fields as JSON.
        pub changes: String,
        /// Moments for the clocks, separated by blanks.
        pub sla_events: String,
        /// Not for the customer's eyes.
        pub internal: bool,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The promises of a ticket as they stand, kept so that lists and reports need not recompute them.
pub mod ticket_clocks {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One clock.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_clocks")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub ticket_id: Uuid,
        pub target: String,
        /// Counts the clocks of one target, where every dispatch has its own.
        pub cycle: i32,
        pub started_at: At,
        /// By the agreement.
        pub promised_due_at: At,
        /// As agreed with the customer since, if anything was.
        pub due_at: At,
        pub stopped_at: Option<At>,
        pub state: String,
        /// Counted time used, in microseconds.
        pub elapsed_us: i64,
        /// Counted time allowed, in microseconds.
        pub duration_us: i64,
        /// Whether it counts in reports (not in a stage without commitment, R-015).
        pub counted: bool,
        /// The whole clock as JSON.
        pub detail: String,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Links between tickets.
pub mod ticket_links {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One link.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ticket_links")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub from_id: Uuid,
        pub to_id: Uuid,
        pub kind: String,
        pub created_at: At,
        pub created_by: Option<Uuid>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
