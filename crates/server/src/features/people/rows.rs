//! Tables of customer units, contacts and support groups.

/// Customer units.
pub mod units {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One unit (单位) of the customer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "units")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub name: String,
        pub parent_id: Option<Uuid>,
        /// Ids from the root down to itself, `/a/b/`: what stands below a unit begins with its path.
        pub path: String,
        pub address: String,
        /// Its own office hours, when they differ from the project's.
        pub calendar: Option<String>,
        pub active: bool,
        pub created_at: At,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Contacts of a unit: who calls.
pub mod contacts {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One person of the customer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "contacts")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub unit_id: Uuid,
        pub name: String,
        pub phone: String,
        pub mobile: String,
        pub email: String,
        pub department: String,
        pub title: String,
        /// The digits of `phone` alone, for looking up a caller.
        pub phone_digits: String,
        pub mobile_digits: String,
        pub vip: bool,
        pub active: bool,
        pub created_at: At,
        pub version: i32,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Support groups.
pub mod groups {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One group of a project, in one of the three lines.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "groups")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub project_id: Uuid,
        pub name: String,
        /// 1, 2 or 3.
        pub line: i32,
        pub leader_id: Option<Uuid>,
        pub active: bool,
        pub created_at: At,
        pub version: i32,
        /// Its OLA: seconds within which it responds and resolves, and the calendar they run by.
        pub ola_respond: Option<i64>,
        pub ola_resolve: Option<i64>,
        pub ola_calendar: Option<String>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Members of support groups.
pub mod group_members {
    use sea_orm::entity::prelude::*;

    /// One membership.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "group_members")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub group_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
