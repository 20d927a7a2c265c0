//! Tables of service level documents and indicators.

/// Versions of service level documents.
pub mod sla_versions {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;
    use crate::platform::day::Day;

    /// One version of a project's document.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sla_versions")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        /// 1, 2, 3…
        pub number: i32,
        pub state: String,
        /// The content as canonical JSON.
        pub data: String,
        /// Why it was begun.
        pub reason: String,
        /// SHA-256 of `data` since it took effect.
        pub hash: Option<String>,
        pub effective_on: Option<Day>,
        pub next_review_on: Option<Day>,
        /// Who signed for either party, as JSON; empty until then.
        pub signatures: String,
        /// Who sent it to review.
        pub submitted_by: Option<Uuid>,
        /// Name of who began it, as it was then.
        pub created_name: String,
        pub created_at: At,
        pub updated_at: At,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The log of their states; the database refuses to change it.
pub mod sla_steps {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;
    use crate::platform::day::Day;

    /// One step of one version.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sla_steps")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        pub number: i32,
        pub at: At,
        pub actor_id: Option<Uuid>,
        pub actor_name: String,
        /// A step of `core::service_level`, `begin` or `replace`.
        pub step: String,
        pub from_state: Option<String>,
        pub to_state: String,
        pub note: String,
        /// The day it counts from, where it has one.
        pub on_day: Option<Day>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Plans of indicators.
pub mod kpi_plans {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// The plan of one project.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "kpi_plans")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub project_id: Uuid,
        /// The indicators as JSON.
        pub data: String,
        pub updated_at: At,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Months of indicators.
pub mod kpi_months {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One month of one project.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "kpi_months")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        /// As `2026-10`.
        pub month: String,
        pub state: String,
        /// The figures with the plan as it stood, as canonical JSON.
        pub data: String,
        /// SHA-256 of `data` and `conclusion` since it was signed.
        pub hash: Option<String>,
        pub measured_at: At,
        pub signed_by: Option<Uuid>,
        /// Name of who signed, as it was then.
        pub signed_name: String,
        pub signed_at: Option<At>,
        /// Of the internal review.
        pub conclusion: String,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
