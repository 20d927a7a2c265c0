//! Tables of suppliers and the contracts with them.

/// Outside vendors.
pub mod suppliers {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One supplier (供应商): network operator, manufacturer, developer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "suppliers")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub contact: String,
        pub phone: String,
        pub email: String,
        pub note: String,
        pub active: bool,
        pub created_at: At,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Support contracts (UC, 支持合同).
pub mod supplier_contracts {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;
    use crate::platform::day::Day;

    /// One contract with one supplier.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "supplier_contracts")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub supplier_id: Uuid,
        pub number: String,
        /// The project it is for; all projects when there is none.
        pub project_id: Option<Uuid>,
        /// Systems and service items it supports, one a line.
        pub supports: String,
        /// Key of the calendar by which its promises run.
        pub calendar: String,
        /// Seconds within which it responds, is on site, resolves.
        pub respond: Option<i64>,
        pub arrive: Option<i64>,
        pub resolve: Option<i64>,
        /// First day.
        pub starts_on: Day,
        /// Last day.
        pub ends_on: Day,
        pub created_at: At,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
