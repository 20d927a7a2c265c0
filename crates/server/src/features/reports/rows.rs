//! Tables of reports and their snapshots.

/// Reports.
pub mod reports {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One report.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reports")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        pub kind: String,
        /// As `2026-10`.
        pub month: String,
        /// First instant of the period.
        pub from_at: At,
        /// First instant after it.
        pub to_at: At,
        pub state: String,
        /// The content as canonical JSON.
        pub data: String,
        /// SHA-256 of `data` since its approval.
        pub hash: Option<String>,
        pub created_by: Option<Uuid>,
        pub created_at: At,
        pub updated_at: At,
        pub approved_by: Option<Uuid>,
        /// Name of the approver as it was then.
        pub approved_name: String,
        pub approved_at: Option<At>,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Tickets as they were when a report counted them.
pub mod report_tickets {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::platform::at::At;

    /// One ticket in one report.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "report_tickets")]
    #[expect(missing_docs, reason = "columns, as of tickets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_id: Uuid,
        pub number: String,
        pub title: String,
        pub state: String,
        pub state_kind: String,
        pub r#type: Option<String>,
        pub category: Option<String>,
        pub channel: Option<String>,
        pub level: Option<String>,
        pub resolved_line: Option<i32>,
        pub major: bool,
        pub reported_at: At,
        pub resolved_at: Option<At>,
        // What earlier reports did not know is left out of the digest they were approved with.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub satisfaction: Option<String>,
        #[serde(skip_serializing_if = "never")]
        pub reopened: i32,
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
    const fn never(times: &i32) -> bool {
        *times == 0
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What became of the promises of those tickets.
pub mod report_outcomes {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    /// One target of one ticket in one report.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "report_outcomes")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub report_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub target: String,
        /// `met` or `breached`.
        pub outcome: String,
        /// How long it took by the agreement's clock, the longest of several rounds; none while it runs.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub elapsed_seconds: Option<i64>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
