//! Tables of monitors, alerts and maintenance windows.

/// Monitors.
pub mod monitors {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One thing that is watched.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "monitors")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        pub name: String,
        pub kind: String,
        pub target: String,
        /// Probe configuration as JSON.
        pub config: String,
        pub interval_seconds: i32,
        pub timeout_seconds: i32,
        /// Alert rule as JSON.
        pub rule: String,
        pub group_name: String,
        /// The list's own order.
        pub position: i32,
        pub system: String,
        pub parent_id: Option<Uuid>,
        pub enabled: bool,
        /// Whether its answer shows that the prober itself is connected.
        pub reference: bool,
        pub created_at: At,
        pub updated_at: At,
        pub version: i32,
        /// When it was removed: it is gone from every list, and counted for the time before.
        pub deleted_at: Option<At>,
        /// Whether its outages are outages of its system.
        pub counts: bool,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    /// Monitors that have not been removed.
    #[must_use]
    pub fn present() -> Select<Entity> {
        Entity::find().filter(Column::DeletedAt.is_null())
    }
}

/// States of monitors.
pub mod monitor_states {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// What the alert state machine needs to go on after a restart.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "monitor_states")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub monitor_id: Uuid,
        pub state: String,
        pub alert_id: Option<Uuid>,
        pub updated_at: At,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What happened to monitors; the database itself refuses changes.
pub mod alert_events {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One transition with its reason.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alert_events")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub monitor_id: Uuid,
        pub at: At,
        pub happened_at: At,
        pub kind: String,
        /// `alert::Event` as JSON.
        pub detail: String,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Alerts: one for each outage.
pub mod alerts {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One problem from its first bad sample to its recovery.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "alerts")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub monitor_id: Uuid,
        pub project_id: Uuid,
        /// Counts the monitor's problems.
        pub number: i64,
        pub level: String,
        pub began_at: At,
        pub opened_at: At,
        pub recovered_at: Option<At>,
        /// What was wrong: `Why` as JSON; of early alerts its words in Chinese.
        pub reason: String,
        /// Whether people were told, and if not, why (JSON).
        pub told: String,
        pub ticket_id: Option<Uuid>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The newest failed probes of each monitor.
pub mod probe_failures {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One failed probe with its phases and log.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "probe_failures")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub monitor_id: Uuid,
        pub at: At,
        /// `probe::Outcome` as JSON.
        pub outcome: String,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Maintenance windows.
pub mod maintenance {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One span of time in which nobody is called.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "maintenance")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        pub name: String,
        pub starts_at: At,
        pub ends_at: At,
        pub reason: String,
        /// Whether it is left out of availability.
        pub excluded: bool,
        /// Ids of the monitors, separated by blanks; empty means all of the project.
        pub monitors: String,
        pub cancelled: Option<String>,
        pub created_at: At,
        pub version: i32,
        /// A `left_out::Cause`.
        pub cause: String,
        /// When time that was over already was put into it (补录).
        pub entered_late_at: Option<At>,
        /// The name of whoever did so, as it was then.
        pub entered_late_by: Option<String>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Warnings about the yearly budget of downtime that were given.
pub mod outage_warnings {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One warning about one system in one service year.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outage_warnings")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub project_id: Uuid,
        /// Name of the system, or id of the monitor that is one by itself.
        #[sea_orm(primary_key, auto_increment = false)]
        pub system: String,
        /// First instant of the service year.
        #[sea_orm(primary_key, auto_increment = false)]
        pub year_from: At,
        /// Share of the budget that was used up.
        #[sea_orm(primary_key, auto_increment = false)]
        pub percent: i32,
        pub told_at: At,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
