//! Support groups: who works in which line of a project.

use std::collections::{BTreeSet, HashMap};

use anlan_core::access::{Permission, Place};
use anlan_core::calendar::OFFICE;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::{group_members, groups};
use crate::app::App;
use crate::features::projects;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::auth::rows::users;
use crate::platform::changes::{Changes, check_version};
use crate::platform::check::Check;
use crate::platform::db::Tx;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{
    Cursor, IfMatch, Json, Page, PageQuery, Path, Query, Versioned, idempotent,
};
use crate::platform::names::{self, Named, ProjectName, Table};
use crate::platform::text;

/// Members a group may have.
const MEMBERS: usize = 200;

/// What is kept of a support group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupFields {
    /// The project it works for; never changed.
    pub project_id: Uuid,
    pub name: String,
    /// Support line: 1, 2 or 3.
    pub line: i32,
    /// Its people.
    #[serde(default)]
    pub member_ids: BTreeSet<Uuid>,
    /// Who leads it, one of its people.
    #[serde(default)]
    pub leader_id: Option<Uuid>,
    /// False once no ticket may be given to it.
    #[serde(default = "yes")]
    pub active: bool,
    /// What it promises the lines before it (运营级别协议, R-043).
    #[serde(default)]
    pub ola: Option<Ola>,
}

/// An operational level agreement: within how long a group takes up and deals with what is handed to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ola {
    /// Seconds until it responds.
    #[serde(default)]
    pub respond_seconds: Option<i64>,
    /// Seconds until it has dealt with it.
    #[serde(default)]
    pub resolve_seconds: Option<i64>,
    /// Key of the calendar by which they run; `office` for the project's own hours.
    pub calendar: String,
}

/// The shortest and the longest time of an OLA, in seconds: a minute and a year.
const PROMISED: std::ops::RangeInclusive<i64> = 60..=366 * 86_400;

const fn yes() -> bool {
    true
}

/// A support group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Group {
    id: Uuid,
    #[serde(flatten)]
    fields: GroupFields,
    project: Option<ProjectName>,
    members: Vec<Named>,
    leader: Option<Named>,
    created_at: At,
    version: i32,
}

/// Which groups.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GroupFilter {
    /// Of this project.
    project: Option<Uuid>,
    /// Of this line.
    line: Option<i32>,
    /// In the name.
    q: Option<String>,
    /// Only those in use, or only those no longer in use.
    active: Option<bool>,
    limit: Option<u64>,
    after: Option<String>,
}

/// Groups by line and name.
#[utoipa::path(get, path = "/groups", tag = "people", params(GroupFilter), responses((status = 200, body = Page<Group>), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(filter): Query<GroupFilter>,
) -> Result<Json<Page<Group>>> {
    use groups::Column;
    caller.require(Permission::ProjectRead)?;
    let page = PageQuery {
        limit: filter.limit,
        after: filter.after,
    };
    let limit = page.limit()?;
    let mut query = groups::Entity::find().filter(seen(&caller));
    if let Some(wanted) = text::wanted(filter.q.as_deref())? {
        query = query.filter(text::contains([Column::Name], &wanted));
    }
    query = query.filter(
        Condition::all()
            .add_option(filter.project.map(|id| Column::ProjectId.eq(id)))
            .add_option(filter.line.map(|line| Column::Line.eq(line)))
            .add_option(filter.active.map(|active| Column::Active.eq(active))),
    );
    if let Some(cursor) = page.cursor()? {
        let line = cursor.as_number()?;
        let same = Condition::all()
            .add(Column::Line.eq(line))
            .add(Column::Id.gt(cursor.id));
        query = query.filter(Condition::any().add(Column::Line.gt(line)).add(same));
    }
    let query = query.order_by_asc(Column::Line).order_by_asc(Column::Id);
    let rows = query.limit(limit + 1).all(app.db.read()).await?;
    let page = Page::cut(rows, limit, |row| Cursor::number(row.line.into(), row.id));
    let around = Around::of(app.db.read(), &page.items).await?;
    Ok(Json(
        page.map(|row| around.group(&row).for_eyes_of(&caller)),
    ))
}

/// One group.
#[utoipa::path(get, path = "/groups/{id}", tag = "people", params(("id" = Uuid, Path)), responses((status = 200, body = Group), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<Group>> {
    caller.require(Permission::ProjectRead)?;
    let row = groups::Entity::find_by_id(id)
        .filter(seen(&caller))
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    let Versioned(version, group) = answer(app.db.read(), row).await?;
    Ok(Versioned(version, group.for_eyes_of(&caller)))
}

/// Adds a group.
#[utoipa::path(post, path = "/groups", tag = "people", request_body = GroupFields, responses((status = 201, body = Group), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(fields): Json<GroupFields>,
) -> Result<impl IntoResponse> {
    caller.require(Permission::ProjectManage)?;
    let repeat = idempotent(&headers, "POST /groups", caller.user.id, &fields)?;
    let fields = checked(&app, fields)?;
    let created = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                if let Some(repeat) = &repeat
                    && let Some(earlier) = repeat.earlier::<Group>(tx).await?
                {
                    return Ok(earlier);
                }
                may_manage(tx, &caller, fields.project_id)
                    .await
                    .map_err(|error| match error {
                        Error::Coded(coded) if coded.code == "not_found" => {
                            Error::field("project_id", "no_such")
                        }
                        other => other,
                    })?;
                people_exist(tx, &fields).await?;
                let id = Uuid::now_v7();
                let entry = caller
                    .entry("group.create")
                    .on("group", id, &fields.name)
                    .detail(&fields);
                let ola = fields.ola.as_ref();
                let row = groups::Model {
                    id,
                    project_id: fields.project_id,
                    name: fields.name,
                    line: fields.line,
                    leader_id: fields.leader_id,
                    active: fields.active,
                    created_at: tx.now,
                    version: 1,
                    ola_respond: ola.and_then(|ola| ola.respond_seconds),
                    ola_resolve: ola.and_then(|ola| ola.resolve_seconds),
                    ola_calendar: ola.map(|ola| ola.calendar.clone()),
                };
                let row = row.into_active_model().reset_all();
                let row = row
                    .insert(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "name", "name"))?;
                set_members(tx, id, &fields.member_ids).await?;
                tx.audit(entry);
                let Versioned(_, group) = answer(&tx.db, row).await?;
                if let Some(repeat) = &repeat {
                    repeat.keep(tx, &group).await?;
                }
                Ok(group)
            })
        })
        .await?;
    Ok((StatusCode::CREATED, Versioned(created.version, created)))
}

/// Changes a group and its people.
#[utoipa::path(put, path = "/groups/{id}", tag = "people", params(("id" = Uuid, Path), ("If-Match" = String, Header)), request_body = GroupFields,
    responses((status = 200, body = Group), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
    version: IfMatch,
    Json(fields): Json<GroupFields>,
) -> Result<Versioned<Group>> {
    caller.require(Permission::ProjectRead)?;
    let fields = checked(&app, fields)?;
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = groups::Entity::find_by_id(id)
                    .filter(seen(&caller))
                    .lock_exclusive()
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                may_manage(tx, &caller, row.project_id).await?;
                check_version(tx, version, row.version, id).await?;
                if fields.project_id != row.project_id {
                    return Err(Error::field("project_id", "fixed"));
                }
                let members = Around::of(&tx.db, std::slice::from_ref(&row)).await?;
                let changes = Changes::between(&members.fields(&row), &fields);
                if changes.is_empty() {
                    return answer(&tx.db, row).await;
                }
                people_exist(tx, &fields).await?;
                set_members(tx, id, &fields.member_ids).await?;
                tx.audit(changes.on(
                    caller.entry("group.update").on("group", id, &fields.name),
                    row.version + 1,
                ));
                let mut change = row.into_active_model();
                change.version = Set(version.0 + 1);
                change.name = Set(fields.name);
                change.line = Set(fields.line);
                change.leader_id = Set(fields.leader_id);
                change.active = Set(fields.active);
                let ola = fields.ola.as_ref();
                change.ola_respond = Set(ola.and_then(|ola| ola.respond_seconds));
                change.ola_resolve = Set(ola.and_then(|ola| ola.resolve_seconds));
                change.ola_calendar = Set(ola.map(|ola| ola.calendar.clone()));
                let row = change
                    .update(&tx.db)
                    .await
                    .map_err(|error| Error::on_unique(error, "name", "name"))?;
                answer(&tx.db, row).await
            })
        })
        .await
}

impl Group {
    // What the provider's groups promise one another is not for the customer.
    fn for_eyes_of(mut self, caller: &Caller) -> Self {
        let place = Place::project(self.fields.project_id);
        let inside = [
            Permission::TicketAct,
            Permission::ProjectManage,
            Permission::AuditRead,
        ];
        if !inside.iter().any(|one| caller.access.can(*one, place)) {
            self.fields.ola = None;
        }
        self
    }
}

/// Groups of projects the caller may see.
fn seen(caller: &Caller) -> Condition {
    projects::of_projects(caller, Permission::ProjectRead, groups::Column::ProjectId)
}

async fn may_manage(tx: &Tx, caller: &Caller, project: Uuid) -> Result<()> {
    let place = projects::place(&tx.db, project).await?;
    caller.require_at(Permission::ProjectRead, Permission::ProjectManage, place)
}

fn checked(app: &App, fields: GroupFields) -> Result<GroupFields> {
    let mut check = Check::default();
    if let Some(ola) = &fields.ola {
        check_ola(app, &mut check, ola);
    }
    if !(1..=3).contains(&fields.line) {
        check.push(
            FieldError::new("line", "out_of_range")
                .with("min", 1)
                .with("max", 3),
        );
    }
    if fields.member_ids.len() > MEMBERS {
        check.push(FieldError::new("member_ids", "too_many").with("max", MEMBERS));
    }
    let led = fields
        .leader_id
        .is_none_or(|leader| fields.member_ids.contains(&leader));
    check.ensure(led, "leader_id", "not_a_member");
    let fields = GroupFields {
        name: check.line("name", &fields.name, 1..=60),
        ..fields
    };
    check.finish()?;
    Ok(fields)
}

fn check_ola(app: &App, check: &mut Check, ola: &Ola) {
    let known = ola.calendar == OFFICE || app.definitions.calendars().get(&ola.calendar).is_some();
    check.ensure(known, "ola.calendar", "no_such");
    let given = [
        ("ola.respond_seconds", ola.respond_seconds),
        ("ola.resolve_seconds", ola.resolve_seconds),
    ];
    let none = given.iter().all(|(_, seconds)| seconds.is_none());
    check.ensure(!none, "ola.resolve_seconds", "required");
    for (field, seconds) in given {
        if seconds.is_some_and(|seconds| !PROMISED.contains(&seconds)) {
            check.push(
                FieldError::new(field, "out_of_range")
                    .with("min", PROMISED.start())
                    .with("max", PROMISED.end()),
            );
        }
    }
}

/// Refuses members who do not exist or may no longer sign in.
async fn people_exist(tx: &Tx, fields: &GroupFields) -> Result<()> {
    let ids: Vec<Uuid> = fields.member_ids.iter().copied().collect();
    let found: Vec<Uuid> = users::Entity::find()
        .select_only()
        .column(users::Column::Id)
        .filter(users::Column::Id.is_in(ids.clone()))
        .filter(users::Column::Active.eq(true))
        .into_tuple()
        .all(&tx.db)
        .await?;
    if found.len() == ids.len() {
        Ok(())
    } else {
        Err(Error::field("member_ids", "no_such"))
    }
}

async fn set_members(tx: &Tx, group: Uuid, members: &BTreeSet<Uuid>) -> Result<()> {
    group_members::Entity::delete_many()
        .filter(group_members::Column::GroupId.eq(group))
        .exec(&tx.db)
        .await?;
    if members.is_empty() {
        return Ok(());
    }
    let rows = members.iter().map(|user| group_members::ActiveModel {
        group_id: Set(group),
        user_id: Set(*user),
    });
    group_members::Entity::insert_many(rows.collect::<Vec<_>>())
        .exec_without_returning(&tx.db)
        .await?;
    Ok(())
}

/// What stands in other tables about a page of groups.
struct Around {
    members: HashMap<Uuid, BTreeSet<Uuid>>,
    people: HashMap<Uuid, Named>,
    projects: HashMap<Uuid, ProjectName>,
}

impl Around {
    async fn of(db: &impl ConnectionTrait, rows: &[groups::Model]) -> Result<Self> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let pairs = group_members::Entity::find()
            .filter(group_members::Column::GroupId.is_in(ids))
            .all(db)
            .await?;
        let mut members: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
        let people: Vec<Uuid> = pairs.iter().map(|pair| pair.user_id).collect();
        for pair in pairs {
            members
                .entry(pair.group_id)
                .or_default()
                .insert(pair.user_id);
        }
        let projects: Vec<Uuid> = rows.iter().map(|row| row.project_id).collect();
        Ok(Self {
            members,
            people: names::of(db, Table::Users, people).await?,
            projects: names::projects(db, projects).await?,
        })
    }

    fn fields(&self, row: &groups::Model) -> GroupFields {
        GroupFields {
            project_id: row.project_id,
            name: row.name.clone(),
            line: row.line,
            member_ids: self.members.get(&row.id).cloned().unwrap_or_default(),
            leader_id: row.leader_id,
            active: row.active,
            ola: row.ola_calendar.clone().map(|calendar| Ola {
                respond_seconds: row.ola_respond,
                resolve_seconds: row.ola_resolve,
                calendar,
            }),
        }
    }

    fn group(&self, row: &groups::Model) -> Group {
        let fields = self.fields(row);
        let mut members: Vec<Named> = fields
            .member_ids
            .iter()
            .filter_map(|id| self.people.get(id).cloned())
            .collect();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        Group {
            id: row.id,
            project: self.projects.get(&row.project_id).cloned(),
            leader: row.leader_id.and_then(|id| self.people.get(&id).cloned()),
            members,
            fields,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

async fn answer(db: &impl ConnectionTrait, row: groups::Model) -> Result<Versioned<Group>> {
    let around = Around::of(db, std::slice::from_ref(&row)).await?;
    Ok(Versioned(row.version, around.group(&row)))
}
