//! Tables of notices.

/// What a person was told, shown in the product.
pub mod notices {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One notice to one person.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "notices")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub at: At,
        pub kind: String,
        pub title: String,
        pub body: String,
        pub link: String,
        pub project_id: Option<Uuid>,
        pub subject_id: Option<Uuid>,
        pub urgent: bool,
        pub read_at: Option<At>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Ways out of the product.
pub mod channels {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One mail server, SMS gateway or robot.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "channels")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub kind: String,
        /// JSON of [`super::super::config::Config`].
        pub config: String,
        /// JSON object of passwords, keys and tokens; never leaves the server.
        pub secrets: String,
        pub fallback_id: Option<Uuid>,
        pub enabled: bool,
        /// Instants of the latest requests, oldest first, separated by spaces.
        pub recent: String,
        pub claims: i64,
        pub deleted_at: Option<At>,
        pub created_at: At,
        pub version: i32,
        /// Until when the other side takes nothing at all: it was asked too often.
        pub closed_until: Option<At>,
    }

    impl Model {
        /// Until when nothing may be sent, if that is still to come.
        #[must_use]
        pub fn closed(&self, now: At) -> Option<At> {
            self.closed_until.filter(|until| *until > now)
        }
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The outbox.
pub mod deliveries {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One message on its way to one address (or into one group chat).
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deliveries")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub channel_id: Uuid,
        pub message_id: Uuid,
        pub user_id: Option<Uuid>,
        /// Mail address or phone number; empty for a robot.
        pub address: String,
        pub kind: String,
        pub title: String,
        pub body: String,
        pub link: String,
        pub project_id: Option<Uuid>,
        pub subject_id: Option<Uuid>,
        pub urgent: bool,
        /// `pending`, `sent`, `dead` or `passed_on` (to the fallback channel).
        pub state: String,
        /// Attempts begun.
        pub attempts: i32,
        /// When it is to be sent; while an attempt runs, when that attempt counts as lost.
        pub due_at: At,
        pub attempted_at: Option<At>,
        pub sent_at: Option<At>,
        pub last_error: String,
        /// What the other side answered.
        pub receipt: String,
        pub origin_id: Option<Uuid>,
        pub created_at: At,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
