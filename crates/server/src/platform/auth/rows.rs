//! Tables of people who sign in, their grants, sessions and API tokens.

/// Accounts.
pub mod users {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One account; `login` is unique and never shared (GB/T 22239 8.1.4.1 a).
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub login: String,
        pub name: String,
        pub email: String,
        pub phone: String,
        /// The customer unit a customer's contact belongs to.
        pub unit_id: Option<Uuid>,
        pub language: String,
        pub password_hash: Option<String>,
        pub password_changed_at: At,
        pub must_change_password: bool,
        pub failed_attempts: i32,
        pub locked_until: Option<At>,
        pub active: bool,
        pub last_login_at: Option<At>,
        pub created_at: At,
        pub version: i32,
    }

    /// None: joins are written where they are needed.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Earlier passwords, so that they are not used again.
pub mod password_history {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One earlier password's hash.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "password_history")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub password_hash: String,
        pub created_at: At,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Roles given to people.
pub mod grants {
    use sea_orm::entity::prelude::*;
    use sea_orm::{JoinType, QuerySelect};

    use crate::platform::at::At;

    /// A role on a scope.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "grants")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub role: String,
        /// `all`, `project`, `unit` or `own`.
        pub scope: String,
        pub scope_id: Option<Uuid>,
        pub created_at: At,
        pub created_by: Option<Uuid>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    /// Grants of people whose account is active: who has left holds no role any more.
    #[must_use]
    pub fn of_active() -> Select<Entity> {
        let holder: RelationDef = Entity::belongs_to(super::users::Entity)
            .from(Column::UserId)
            .to(super::users::Column::Id)
            .into();
        Entity::find()
            .join(JoinType::InnerJoin, holder)
            .filter(super::users::Column::Active.eq(true))
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Signed-in browsers.
pub mod sessions {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// A session, known by the hash of its cookie.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_hash: String,
        pub user_id: Uuid,
        pub created_at: At,
        pub last_seen_at: At,
        pub expires_at: At,
        pub ip: String,
        pub user_agent: String,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// API tokens.
pub mod tokens {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// A token: it acts as its owner, with no more than `permissions`.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tokens")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub name: String,
        pub token_hash: String,
        /// The first characters, by which its owner recognises it.
        pub prefix: String,
        /// Permission names, separated by blanks.
        pub permissions: String,
        pub expires_at: Option<At>,
        pub created_at: At,
        pub last_used_at: Option<At>,
        pub revoked_at: Option<At>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
