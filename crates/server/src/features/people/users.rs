//! Accounts: who may sign in.

use std::collections::{BTreeSet, HashMap};

use anlan_core::access::{Permission, Place};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::sea_query::{Expr, Query as Select};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::units;
use super::{grants, scope};
use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::audit::{Actor, Entry};
use crate::platform::auth::rows::{grants as grant_rows, sessions, tokens, users};
use crate::platform::auth::{self, password};
use crate::platform::changes::{Changes, check_version};
use crate::platform::check::Check;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Problem, Result};
use crate::platform::http::{
    Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned, idempotent,
};
use crate::platform::i18n::Lang;
use crate::platform::names::{self, Named, Table};
use crate::platform::text;

/// What may be changed of an account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserFields {
    /// The person's name.
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub phone: String,
    /// The customer unit a customer's person belongs to.
    #[serde(default)]
    pub unit_id: Option<Uuid>,
    #[serde(default)]
    pub language: Lang,
    /// False once the person may no longer sign in.
    #[serde(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

/// A new account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// What is typed to sign in; never shared, never changed.
    login: String,
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    unit_id: Option<Uuid>,
    #[serde(default)]
    language: Lang,
    /// The first password; one is made when absent. Either must be changed at the first sign-in.
    #[serde(default, skip_serializing)]
    password: Option<String>,
}

/// An account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct User {
    id: Uuid,
    login: String,
    #[serde(flatten)]
    fields: UserFields,
    unit: Option<Named>,
    /// Keys of the roles held anywhere.
    roles: BTreeSet<String>,
    /// Until when signing in is refused after too many wrong passwords.
    locked_until: Option<At>,
    must_change_password: bool,
    last_login_at: Option<At>,
    created_at: At,
    version: i32,
}

/// A new account with its first password, which is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedUser {
    user: User,
    /// Absent when the password was given, and when the same request came before.
    #[serde(skip_serializing_if = "Option::is_none")]
    one_time_password: Option<String>,
}

/// A password that is shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneTimePassword {
    one_time_password: String,
}

/// Which accounts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// In login, name, mail address or telephone number.
    q: Option<String>,
    /// Only those in use, or only those no longer in use.
    active: Option<bool>,
    /// Of this customer unit.
    unit: Option<Uuid>,
    /// Holding this role anywhere.
    role: Option<String>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Accounts by login.
#[utoipa::path(get, path = "/users", tag = "people", params(UserFilter), responses((status = 200, body = Page<User>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<UserFilter>,
) -> Result<Json<Page<User>>> {
    caller.require(Permission::PeopleRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let mut query = users::Entity::find().filter(scope::seen_users(&caller));
    if let Some(wanted) = text::wanted(filter.q.as_deref())? {
        use users::Column::{Email, Login, Name, Phone};
        query = query.filter(text::contains([Login, Name, Email, Phone], &wanted));
    }
    if let Some(active) = filter.active {
        query = query.filter(users::Column::Active.eq(active));
    }
    if let Some(unit) = filter.unit {
        query = query.filter(users::Column::UnitId.eq(unit));
    }
    if let Some(role) = filter.role {
        let holders = Select::select()
            .column(grant_rows::Column::UserId)
            .from(grant_rows::Entity)
            .and_where(grant_rows::Column::Role.eq(role))
            .to_owned();
        query = query.filter(users::Column::Id.in_subquery(holders));
    }
    if let Some(cursor) = page.cursor()? {
        query = query.filter(users::Column::Login.gt(cursor.key));
    }
    let rows = query
        .order_by_asc(users::Column::Login)
        .limit(limit + 1)
        .all(app.db.read())
        .await?;
    let page = Page::cut(rows, limit, |row| Cursor {
        key: row.login.clone(),
        id: row.id,
    });
    let around = Around::of(app.db.read(), &page.items).await?;
    Ok(Json(page.map(|row| around.user(row))))
}

/// One account.
#[utoipa::path(get, path = "/users/{id}", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = User), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<User>> {
    caller.require(Permission::PeopleRead)?;
    let row = seen(app.db.read(), &caller, id).await?;
    answer(app.db.read(), row).await
}

/// Adds an account. It may do nothing until it is given a role.
#[utoipa::path(post, path = "/users", tag = "people", request_body = NewUser, responses((status = 201, body = CreatedUser), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(new): Json<NewUser>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::PeopleManage)?;
    let place = Place {
        unit: new.unit_id,
        ..Place::default()
    };
    if !caller.access.can(Permission::PeopleManage, place) {
        return Err(caller.refused(Permission::PeopleManage));
    }
    let repeat = idempotent(&headers, "POST /users", caller.user.id, &new)?;
    let (login, fields) = checked_new(&new)?;
    let made = new.password.is_none().then(password::one_time);
    let hash = password::hash(
        made.as_deref()
            .or(new.password.as_deref())
            .unwrap_or_default(),
    )
    .await?;
    let created = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(repeat) = &repeat
                    && let Some(earlier) = repeat.earlier::<CreatedUser>(tx).await?
                {
                    return Ok((false, earlier));
                }
                unit_exists(tx, fields.unit_id).await?;
                let row = insert(tx, login, fields, hash).await?;
                tx.audit(
                    caller
                        .entry("user.create")
                        .on("user", row.id, &row.login)
                        .detail(UserFields::from(&row)),
                );
                let Versioned(_, user) = answer(&tx.db, row).await?;
                let created = CreatedUser {
                    user,
                    one_time_password: None,
                };
                if let Some(repeat) = &repeat {
                    repeat.keep(tx, &created).await?;
                }
                Ok((true, created))
            })
        })
        .await
        .map(|(fresh, created)| CreatedUser {
            one_time_password: made.filter(|_| fresh),
            ..created
        })?;
    Ok((
        StatusCode::CREATED,
        Versioned(created.user.version, created),
    ))
}

async fn insert(tx: &Tx, login: String, fields: UserFields, hash: String) -> Result<users::Model> {
    let id = Uuid::now_v7();
    let row = users::Model {
        id,
        login,
        name: fields.name,
        email: fields.email,
        phone: fields.phone,
        unit_id: fields.unit_id,
        language: fields.language.code().to_owned(),
        password_hash: Some(hash.clone()),
        password_changed_at: tx.now,
        must_change_password: true,
        failed_attempts: 0,
        locked_until: None,
        active: true,
        last_login_at: None,
        created_at: tx.now,
        version: 1,
    };
    let row = row.into_active_model().reset_all();
    let row = row
        .insert(&tx.db)
        .await
        .map_err(|error| Error::on_unique(error, "login", "login"))?;
    auth::store_password(tx, id, hash, true).await?;
    Ok(row)
}

/// Changes an account. Who is made inactive is signed out at once, and his API tokens are revoked.
#[utoipa::path(put, path = "/users/{id}", tag = "people", params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = UserFields,
    responses((status = 200, body = User), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(fields): Json<UserFields>,
) -> Result<Versioned<User>> {
    caller.require(Permission::PeopleRead)?;
    let fields = checked(&fields)?;
    let admins = grants::administrator_roles(&app);
    let answer = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = managed(tx, &caller, id).await?;
                check_version(tx, version, row.version, id).await?;
                let changes = Changes::between(&UserFields::from(&row), &fields);
                if changes.is_empty() {
                    return answer(&tx.db, row).await;
                }
                if row.unit_id != fields.unit_id {
                    may_place(&caller, fields.unit_id)?;
                    unit_exists(tx, fields.unit_id).await?;
                }
                let leaves = row.active && !fields.active;
                if leaves && id == caller.user.id {
                    return Err(Error::conflict("not_oneself"));
                }
                tx.audit(changes.on(
                    caller.entry("user.update").on("user", id, &row.login),
                    row.version + 1,
                ));
                let mut change = row.into_active_model();
                change.version = Set(version.0 + 1);
                change.name = Set(fields.name);
                change.email = Set(fields.email);
                change.phone = Set(fields.phone);
                change.unit_id = Set(fields.unit_id);
                change.language = Set(fields.language.code().to_owned());
                change.active = Set(fields.active);
                let row = change.update(&tx.db).await?;
                if leaves {
                    end_access(tx, id).await?;
                    grants::keep_an_administrator(tx, &admins).await?;
                }
                answer(&tx.db, row).await
            })
        })
        .await?;
    app.auth.forget();
    Ok(answer)
}

/// Gives a new one-time password, signs the person out everywhere, revokes the API tokens and ends a lock.
#[utoipa::path(post, path = "/users/{id}/reset-password", tag = "people", params(("id" = Uuid, Path)),
    responses((status = 200, body = OneTimePassword), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn reset_password(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<OneTimePassword>> {
    caller.require(Permission::PeopleRead)?;
    let one_time_password = password::one_time();
    let hash = password::hash(&one_time_password).await?;
    let platform = app.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = managed(tx, &caller, id).await?;
                // Whoever sets a password can sign in with it: nobody becomes somebody who may do more.
                grants::within_own(&platform, tx, &caller, id).await?;
                tx.audit(
                    caller
                        .entry("user.reset_password")
                        .on("user", id, &row.login),
                );
                auth::store_password(tx, id, hash, true).await?;
                bump(tx, &row).await?;
                end_access(tx, id).await
            })
        })
        .await?;
    app.auth.forget();
    Ok(Json(OneTimePassword { one_time_password }))
}

/// Gives an account a new first password from the machine itself, for an installation whose last
/// administrator has lost his. Locks, sessions and tokens of the account end.
///
/// # Errors
/// When there is no such account in use, or the store fails.
pub async fn recover(app: &App, login: &str) -> Result<String> {
    let one_time_password = password::one_time();
    let hash = password::hash(&one_time_password).await?;
    let login = login.trim().to_lowercase();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let found = users::Entity::find().filter(users::Column::Login.eq(&login));
                let row = found
                    .one(&tx.db)
                    .await?
                    .filter(|user| user.active)
                    .ok_or_else(|| Error::field("login", "unknown_key"))?;
                tx.audit(
                    Entry::new(&Actor::system(), "user.reset_password")
                        .on("user", row.id, &row.login),
                );
                auth::store_password(tx, row.id, hash, true).await?;
                bump(tx, &row).await?;
                end_access(tx, row.id).await
            })
        })
        .await?;
    app.auth.forget();
    Ok(one_time_password)
}

/// Ends a lock after too many wrong passwords.
#[utoipa::path(post, path = "/users/{id}/unlock", tag = "people", params(("id" = Uuid, Path)),
    responses((status = 200, body = User), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn unlock(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<User>> {
    caller.require(Permission::PeopleRead)?;
    let answer = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let row = managed(tx, &caller, id).await?;
                tx.audit(caller.entry("user.unlock").on("user", id, &row.login));
                let version = row.version;
                let mut change = row.into_active_model();
                change.failed_attempts = Set(0);
                change.locked_until = Set(None);
                change.version = Set(version + 1);
                answer(&tx.db, change.update(&tx.db).await?).await
            })
        })
        .await?;
    app.auth.forget();
    Ok(answer)
}

fn checked(fields: &UserFields) -> Result<UserFields> {
    let mut check = Check::default();
    let fields = check_fields(&mut check, fields);
    check.finish()?;
    Ok(fields)
}

fn check_fields(check: &mut Check, fields: &UserFields) -> UserFields {
    UserFields {
        name: check.line("name", &fields.name, 1..=100),
        email: check.email("email", &fields.email),
        phone: check.phone("phone", &fields.phone),
        ..fields.clone()
    }
}

fn checked_new(new: &NewUser) -> Result<(String, UserFields)> {
    let mut check = Check::default();
    let login = check.code("login", &new.login, 60).to_lowercase();
    let fields = UserFields {
        name: new.name.clone(),
        email: new.email.clone(),
        phone: new.phone.clone(),
        unit_id: new.unit_id,
        language: new.language,
        active: true,
    };
    let fields = check_fields(&mut check, &fields);
    if let Some(given) = &new.password
        && let Err(Error::Invalid(errors)) = password::check("password", given, &login)
    {
        errors.into_iter().for_each(|error| check.push(error));
    }
    check.finish()?;
    Ok((login, fields))
}

fn may_place(caller: &Caller, unit: Option<Uuid>) -> Result<()> {
    let place = Place {
        unit,
        ..Place::default()
    };
    if caller.access.can(Permission::PeopleManage, place) {
        Ok(())
    } else {
        Err(Error::field("unit_id", "no_such"))
    }
}

async fn unit_exists(tx: &Tx, unit: Option<Uuid>) -> Result<()> {
    let Some(id) = unit else { return Ok(()) };
    units::Entity::find_by_id(id)
        .one(&tx.db)
        .await?
        .map(drop)
        .ok_or_else(|| Error::field("unit_id", "no_such"))
}

/// The account, if the caller may see it.
pub async fn seen(db: &impl ConnectionTrait, caller: &Caller, id: Uuid) -> Result<users::Model> {
    users::Entity::find_by_id(id)
        .filter(scope::seen_users(caller))
        .one(db)
        .await?
        .ok_or_else(Error::not_found)
}

/// The account, locked, if the caller may change it.
async fn managed(tx: &Tx, caller: &Caller, id: Uuid) -> Result<users::Model> {
    let row = users::Entity::find_by_id(id)
        .filter(scope::seen_users(caller))
        .lock_exclusive()
        .one(&tx.db)
        .await?
        .ok_or_else(Error::not_found)?;
    if scope::holds::<users::Entity>(&tx.db, users::Column::Id, id, scope::managed_users(caller))
        .await?
    {
        Ok(row)
    } else {
        Err(caller.refused(Permission::PeopleManage))
    }
}

/// Counts a change that other columns do not show.
async fn bump(tx: &Tx, row: &users::Model) -> Result<()> {
    users::Entity::update_many()
        .col_expr(users::Column::Version, Expr::value(row.version + 1))
        .filter(users::Column::Id.eq(row.id))
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// Ends whatever the account is reached by: its sessions and its API tokens.
async fn end_access(tx: &Tx, user: Uuid) -> Result<()> {
    tokens::Entity::update_many()
        .col_expr(tokens::Column::RevokedAt, Expr::value(tx.now.0))
        .filter(tokens::Column::UserId.eq(user))
        .filter(tokens::Column::RevokedAt.is_null())
        .exec(&tx.db)
        .await?;
    sessions::Entity::delete_many()
        .filter(sessions::Column::UserId.eq(user))
        .exec(&tx.db)
        .await?;
    Ok(())
}

impl From<&users::Model> for UserFields {
    fn from(row: &users::Model) -> Self {
        Self {
            name: row.name.clone(),
            email: row.email.clone(),
            phone: row.phone.clone(),
            unit_id: row.unit_id,
            language: Lang::from_code(&row.language),
            active: row.active,
        }
    }
}

/// What stands in other tables about a page of accounts.
struct Around {
    units: HashMap<Uuid, Named>,
    roles: HashMap<Uuid, BTreeSet<String>>,
}

impl Around {
    async fn of(db: &impl ConnectionTrait, rows: &[users::Model]) -> Result<Self> {
        let held: Vec<(Uuid, String)> = grant_rows::Entity::find()
            .select_only()
            .columns([grant_rows::Column::UserId, grant_rows::Column::Role])
            .filter(grant_rows::Column::UserId.is_in(rows.iter().map(|row| row.id)))
            .into_tuple()
            .all(db)
            .await?;
        let mut roles: HashMap<Uuid, BTreeSet<String>> = HashMap::new();
        for (user, role) in held {
            roles.entry(user).or_default().insert(role);
        }
        let units: Vec<Uuid> = rows.iter().filter_map(|row| row.unit_id).collect();
        Ok(Self {
            units: names::of(db, Table::Units, units).await?,
            roles,
        })
    }

    fn user(&self, row: users::Model) -> User {
        User {
            id: row.id,
            fields: UserFields::from(&row),
            unit: row.unit_id.and_then(|id| self.units.get(&id).cloned()),
            roles: self.roles.get(&row.id).cloned().unwrap_or_default(),
            login: row.login,
            locked_until: row.locked_until,
            must_change_password: row.must_change_password,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

async fn answer(db: &impl ConnectionTrait, row: users::Model) -> Result<Versioned<User>> {
    let around = Around::of(db, std::slice::from_ref(&row)).await?;
    Ok(Versioned(row.version, around.user(row)))
}
