//! Calendars of working time: what day is worked, and the import of holidays while the server runs.
//!
//! An imported file is kept in the database, so that every node has it; each node looks for new
//! ones now and then ([`start`]).

mod imported;
mod missing;

use anlan_core::access::Permission;
use anlan_core::calendar::{Calendar, Day as CalendarDay, DayKind, TimeRange};
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use futures::FutureExt;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::day::Day;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{Bytes, Json, Path, Query};
use crate::platform::i18n::Lang;
use crate::platform::timers::Handler;

pub use imported::{compare, load};
pub use missing::begin;

/// What this room does by timers.
#[must_use]
pub fn timers() -> Vec<(&'static str, Handler<App>)> {
    vec![(missing::WEEKLY, |app, timer| {
        missing::weekly(app, timer).boxed()
    })]
}

/// Keeps the calendars up to date, and says what is missing of them.
pub fn start(app: &App) {
    imported::start(app);
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = begin(&app).await {
            tracing::error!(%error, "nobody will be told of missing holidays");
        }
    });
}

/// The routes of this room.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(days))
        .routes(routes!(import))
}

/// A calendar.
#[derive(Debug, Serialize, ToSchema)]
pub struct CalendarInfo {
    key: String,
    name: String,
    timezone: String,
    /// Years whose holidays are known.
    years: Vec<i16>,
    /// Years whose holidays it needs now and nobody has imported.
    missing: Vec<i16>,
    /// Whether it works around the clock.
    continuous: bool,
}

/// One day of a calendar.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayInfo {
    date: Day,
    kind: DayName,
    /// Which holiday, or why it differs.
    name: Option<String>,
    /// When people work, as pairs of `09:00` and `12:00`.
    #[schema(value_type = Vec<[String; 2]>)]
    hours: Vec<TimeRange>,
}

/// Kinds of days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayName {
    /// A normal working day.
    Work,
    /// A normal day of rest.
    Rest,
    /// A holiday.
    Holiday,
    /// A day of rest on which people work (调休上班).
    Makeup,
    /// A day on which only a part of the normal hours, or hours of its own, are worked.
    Half,
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// 1970 to 2199.
    year: i16,
    /// Only this month.
    month: Option<i8>,
}

/// What was imported.
#[derive(Debug, Serialize, ToSchema)]
pub struct Imported {
    /// Holidays: layer and year. Hours: the calendar's key.
    key: String,
    /// Calendars that follow it from now on.
    calendars: Vec<CalendarInfo>,
}

/// All calendars, by key.
#[utoipa::path(get, path = "/calendars", tag = "calendars", responses((status = 200, body = [CalendarInfo]), (status = 403, body = Problem)))]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Json<Vec<CalendarInfo>>> {
    caller.require(Permission::CalendarRead)?;
    Ok(Json(infos(&app, caller.lang)))
}

/// The days of a year or a month.
#[utoipa::path(get, path = "/calendars/{key}/days", tag = "calendars", params(("key" = String, Path), Span), responses((status = 200, body = [DayInfo]), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn days(
    State(app): State<App>,
    caller: Caller,
    Path(key): Path<String>,
    Query(span): Query<Span>,
) -> Result<Json<Vec<DayInfo>>> {
    caller.require(Permission::CalendarRead)?;
    let calendars = app.definitions.calendars();
    let calendar = calendars.get(&key).ok_or_else(Error::not_found)?;
    let (first, last) = span.ends()?;
    let dates = first.series(1.day()).take_while(|date| *date <= last);
    Ok(Json(
        dates
            .map(|date| day(calendar.day(date), caller.lang))
            .collect(),
    ))
}

/// Imports holidays of a year, or hours of a calendar, as YAML or JSON in the form of the files in
/// `definitions/calendars`. It holds at once; the clocks of tickets follow within a minute or two, those
/// in an approved report stay as they were.
#[utoipa::path(post, path = "/calendars/import", tag = "calendars", request_body(content = String, content_type = "application/yaml"),
    responses((status = 201, body = Imported), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn import(
    State(app): State<App>,
    caller: Caller,
    headers: axum::http::HeaderMap,
    Bytes(body): Bytes,
) -> Result<(StatusCode, Json<Imported>)> {
    caller.require_everywhere(Permission::CalendarManage)?;
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if ![
        "application/yaml",
        "application/x-yaml",
        "text/yaml",
        "application/json",
    ]
    .iter()
    .any(|known| {
        media
            .split(';')
            .next()
            .is_some_and(|media| media.trim() == *known)
    }) {
        return Err(Error::coded(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_yaml"));
    }
    let text = String::from_utf8(body.into())
        .map_err(|_| Error::coded(StatusCode::BAD_REQUEST, "not_utf8"))?;
    let lang = caller.lang;
    let key = imported::add(&app, &caller, text).await?;
    Ok((
        StatusCode::CREATED,
        Json(Imported {
            key,
            calendars: infos(&app, lang),
        }),
    ))
}

impl Span {
    fn ends(&self) -> Result<(Date, Date)> {
        let bad = |field: &str, min: i16, max: i16| {
            Error::Invalid(vec![
                FieldError::new(field, "out_of_range")
                    .with("min", min)
                    .with("max", max),
            ])
        };
        let year = || bad("year", 1970, 2199);
        if !(1970..2200).contains(&self.year) {
            return Err(year());
        }
        match self.month {
            None => {
                let first = Date::new(self.year, 1, 1).map_err(|_| year())?;
                Ok((first, first.last_of_year()))
            }
            Some(month) => {
                let first = Date::new(self.year, month, 1).map_err(|_| bad("month", 1, 12))?;
                Ok((first, first.last_of_month()))
            }
        }
    }
}

fn infos(app: &App, lang: Lang) -> Vec<CalendarInfo> {
    app.definitions
        .calendars()
        .iter()
        .map(|calendar| info(calendar, lang, app.now()))
        .collect()
}

fn info(calendar: &Calendar, lang: Lang, now: At) -> CalendarInfo {
    let today = now
        .timestamp()
        .to_zoned(calendar.time_zone().clone())
        .date();
    let missing = calendar.missing_years(today);
    CalendarInfo {
        key: calendar.key().to_owned(),
        name: lang
            .pick(&calendar.name().zh, &calendar.name().en)
            .to_owned(),
        timezone: calendar.time_zone().iana_name().unwrap_or("UTC").to_owned(),
        years: calendar.years(),
        missing: missing.iter().map(|one| one.year).collect(),
        continuous: calendar.is_continuous(),
    }
}

fn day(day: CalendarDay, lang: Lang) -> DayInfo {
    DayInfo {
        date: day.date.into(),
        kind: match day.kind {
            DayKind::Work => DayName::Work,
            DayKind::Rest => DayName::Rest,
            DayKind::Holiday => DayName::Holiday,
            DayKind::Makeup => DayName::Makeup,
            DayKind::Half => DayName::Half,
        },
        name: day
            .name
            .map(|name| lang.pick(&name.zh, &name.en).to_owned()),
        hours: day.hours,
    }
}
