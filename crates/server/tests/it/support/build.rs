//! People, units and projects for tests.

use anlan_core::access::{Permission, Scope};
use anlan_server::app::App;
use anlan_server::features::projects::rows::project_agreements;
use anlan_server::platform::auth;
use anlan_server::platform::auth::rows::{grants, sessions, users};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::{Client, TestApp};

/// The account that every installation begins with.
pub async fn administrator(app: &App) -> Uuid {
    let admin = users::Entity::find().filter(users::Column::Login.eq("admin"));
    admin
        .one(app.db.read())
        .await
        .expect("the accounts")
        .expect("an administrator")
        .id
}

/// Somebody to be made.
pub struct Built<'a> {
    app: &'a TestApp,
    user: users::Model,
    grants: Vec<(String, Scope)>,
}

/// A project with its customer.
#[derive(Clone, Copy, Debug)]
pub struct Project {
    pub id: Uuid,
    pub unit: Uuid,
}

impl TestApp {
    /// Somebody with this login, without any role; the password is the administrator's.
    pub async fn user<'a>(&'a self, login: &str) -> Built<'a> {
        let admin = users::Entity::find_by_id(self.admin_id())
            .one(self.app.db.read())
            .await
            .expect("the accounts");
        let admin = admin.expect("an administrator");
        let user = users::Model {
            id: Uuid::now_v7(),
            login: login.to_owned(),
            name: login.to_owned(),
            created_at: self.clock.now(),
            password_changed_at: self.clock.now(),
            ..admin
        };
        Built {
            app: self,
            user,
            grants: Vec::new(),
        }
    }

    /// Somebody who may do exactly this, signed in.
    pub async fn may(&self, permissions: &[Permission], scope: Scope) -> Client {
        let mut user = self.user(&format!("may-{}", Uuid::now_v7().simple())).await;
        let mut lacking = Permission::ALL
            .iter()
            .filter(|permission| !permissions.contains(permission));
        match (lacking.next(), lacking.next()) {
            (None, _) => user = user.role("system_admin", scope),
            (Some(one), None) => user = user.role(&format!("but.{one}"), scope),
            _ => {
                for permission in permissions {
                    user = user.role(&format!("may.{permission}"), scope);
                }
            }
        }
        user.client().await
    }

    /// Signs somebody in without a password.
    pub async fn sign_in(&self, user: Uuid) -> Client {
        let secret = auth::secret();
        let now = self.clock.now();
        let session = sessions::Model {
            token_hash: auth::digest(&secret),
            user_id: user,
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus_seconds(self.app.auth.policy().absolute()),
            ip: String::new(),
            user_agent: String::new(),
        };
        self.insert(session.into_active_model()).await;
        self.anonymous().with_session(&secret)
    }

    /// A customer unit with this code.
    pub async fn unit(&self, code: &str) -> Uuid {
        self.unit_below(code, None).await
    }

    /// A unit below another.
    pub async fn unit_below(&self, code: &str, parent: Option<Uuid>) -> Uuid {
        let fields = json!({ "code": code, "name": format!("单位{code}"), "parent_id": parent });
        let unit = self.admin().await.post("/units", fields).await.ok();
        id(&unit["id"])
    }

    /// A project of 2026 with a customer of its own.
    pub async fn project(&self, code: &str) -> Project {
        let unit = self.unit(&format!("U-{code}")).await;
        let fields = json!({
            "code": code, "name": format!("项目{code}"), "customer_unit_id": unit, "provider_name": "安澜运维",
            "starts_on": "2026-01-01", "ends_on": "2026-12-31", "calendar": "5x8",
        });
        let project = self.admin().await.post("/projects", fields).await.ok();
        Project {
            id: id(&project["id"]),
            unit,
        }
    }

    /// Puts a project under an agreement from that day on.
    pub async fn under_agreement(&self, project: Uuid, agreement: &str, from: jiff::civil::Date) {
        let row = project_agreements::Model {
            id: Uuid::now_v7(),
            project_id: project,
            agreement: agreement.into(),
            types: String::new(),
            effective_from: from.into(),
            effective_to: None,
            created_at: self.clock.now(),
            created_by: None,
        };
        self.insert(row.into_active_model()).await;
    }

    /// Puts a project under one agreement and no other.
    pub async fn instead_of_all(&self, project: Uuid, agreement: &str) {
        let write = self.app.db.write(move |tx| {
            Box::pin(async move {
                project_agreements::Entity::delete_many()
                    .filter(project_agreements::Column::ProjectId.eq(project))
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        });
        write.await.expect("no agreement");
        self.under_agreement(project, agreement, jiff::civil::date(2026, 1, 1))
            .await;
    }

    /// Inserts a row as it is.
    pub async fn insert<A>(&self, row: A)
    where
        A: ActiveModelTrait + sea_orm::ActiveModelBehavior + Send + 'static,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A> + Send,
    {
        let write = self.app.db.write(move |tx| {
            Box::pin(async move {
                let mut row = row;
                for column in <<A::Entity as EntityTrait>::Column as sea_orm::Iterable>::iter() {
                    row.reset(column);
                }
                row.insert(&tx.db).await?;
                Ok(())
            })
        });
        write.await.expect("the row is inserted");
    }
}

/// An id out of JSON.
pub fn id(value: &serde_json::Value) -> Uuid {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("no id: {value}"))
}

impl Built<'_> {
    /// With this role there.
    pub fn role(mut self, role: &str, scope: Scope) -> Self {
        self.grants.push((role.to_owned(), scope));
        self
    }

    /// Of this customer unit.
    pub fn of_unit(mut self, unit: Uuid) -> Self {
        self.user.unit_id = Some(unit);
        self
    }

    /// With this name.
    pub fn named(mut self, name: &str) -> Self {
        self.user.name = name.to_owned();
        self
    }

    /// Who has a mail address and a phone.
    pub fn reached_at(mut self, email: &str, phone: &str) -> Self {
        self.user.email = email.to_owned();
        self.user.phone = phone.to_owned();
        self
    }

    /// Who reads English.
    pub fn english(mut self) -> Self {
        self.user.language = "en".to_owned();
        self
    }

    /// Who must change the password first.
    pub fn new_password_due(mut self) -> Self {
        self.user.must_change_password = true;
        self
    }

    /// Makes the account.
    pub async fn make(self) -> Uuid {
        let (app, user) = (self.app, self.user.id);
        app.insert(self.user.into_active_model()).await;
        for (role, scope) in self.grants {
            let (scope, scope_id) = match scope {
                Scope::All => ("all", None),
                Scope::Project(id) => ("project", Some(id)),
                Scope::Unit(id) => ("unit", Some(id)),
                Scope::Own => ("own", None),
            };
            let grant = grants::Model {
                id: Uuid::now_v7(),
                user_id: user,
                role,
                scope: scope.to_owned(),
                scope_id,
                created_at: app.clock.now(),
                created_by: None,
            };
            app.insert(grant.into_active_model()).await;
        }
        user
    }

    /// Makes the account and signs it in.
    pub async fn client(self) -> Client {
        let app = self.app;
        let user = self.make().await;
        app.sign_in(user).await
    }
}
