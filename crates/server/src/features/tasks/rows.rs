//! The table of tasks.

/// Internal work under tickets.
pub mod tasks {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One task.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tasks")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub ticket_id: Uuid,
        pub project_id: Uuid,
        /// Its key in the process, `by_hand`, or the target of the agreement it is for.
        pub kind: String,
        /// Which of several promises: `respond`, `arrive` or `resolve`.
        pub promise: Option<String>,
        pub title_zh: String,
        pub title_en: String,
        /// Who does it: a person, a group, the holders of a role, or a supplier whom the ticket's
        /// assignee sees to.
        pub assignee_id: Option<Uuid>,
        pub group_id: Option<Uuid>,
        pub role: Option<String>,
        pub supplier_id: Option<Uuid>,
        /// The contract by which the supplier does it.
        pub contract_id: Option<Uuid>,
        /// What `due_at` follows from: `hours` of the process, `ola`, `uc`, the `agreement` with the
        /// customer, or what was `agreed` by hand.
        pub basis: String,
        /// Key of the calendar by which its time runs; empty for the clock on the wall.
        pub calendar: String,
        pub started_at: At,
        pub due_at: At,
        /// `open`, `done` or `not_needed`.
        pub state: String,
        pub closed_at: Option<At>,
        pub closed_by: Option<Uuid>,
        pub closed_by_name: String,
        /// Why it ended as it did.
        pub note: String,
        pub created_by: Option<Uuid>,
        pub created_at: At,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
