//! Tables of projects, their stages, agreements and office hours.

/// Projects.
pub mod projects {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;
    use crate::platform::day::Day;

    /// One contract.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "projects")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name: String,
        pub customer_unit_id: Uuid,
        pub provider_name: String,
        /// First day, as `2026-01-01`.
        pub starts_on: Day,
        /// Last day.
        pub ends_on: Day,
        /// Key of the calendar of office hours it begins with; others follow in `project_calendars`.
        pub calendar: String,
        pub manager_id: Option<Uuid>,
        pub customer_lead_id: Option<Uuid>,
        pub hotline: String,
        pub active: bool,
        pub created_at: At,
        pub version: i32,
        /// Promised availability in millionths; that of the report's outline when empty.
        pub availability_target: Option<i32>,
        /// Downtime a system may have in a service year.
        pub outage_budget_hours: Option<i32>,
        /// The longest a single interruption may last.
        pub outage_single_minutes: Option<i32>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Stages of a project; in some, promises are measured and not counted.
pub mod project_stages {
    use sea_orm::entity::prelude::*;

    use crate::platform::day::Day;

    /// One stage.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_stages")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        pub name: String,
        pub starts_on: Day,
        pub ends_on: Day,
        pub sla_counted: bool,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which agreement is in force from which date.
pub mod project_agreements {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;
    use crate::platform::day::Day;

    /// One period of one agreement.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_agreements")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        /// Key of the agreement.
        pub agreement: String,
        /// Ticket types it is for, with blanks between, in order; none for all that no other is for.
        pub types: String,
        /// First day.
        pub effective_from: Day,
        /// Last day, when it has one.
        pub effective_to: Option<Day>,
        pub created_at: At,
        pub created_by: Option<Uuid>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which office hours are in force from which date, after those the project begins with.
pub mod project_calendars {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;
    use crate::platform::day::Day;

    /// Other hours from a day on.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "project_calendars")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        /// Key of the calendar.
        pub calendar: String,
        /// First day.
        pub effective_from: Day,
        pub created_at: At,
        pub created_by: Option<Uuid>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
