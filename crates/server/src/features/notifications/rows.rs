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
