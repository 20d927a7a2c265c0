//! The HTTP surface of printed forms.

use anlan_core::access::{Permission, Place};
use anlan_document::{Document, Header, form};
use axum::extract::State;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sea_orm::EntityTrait;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::paper::{Format, Paper, render};
use super::values;
use crate::app::App;
use crate::features::people::rows::units;
use crate::features::projects::rows::projects;
use crate::features::tickets;
use crate::platform::access::Caller;
use crate::platform::at::At;
use crate::platform::definitions::china;
use crate::platform::error::{Error, FieldError, Problem, Result};
use crate::platform::http::{Path, Query};

/// The form that a ticket is printed on.
const TICKET_FORM: &str = "F-01";

/// How a form is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// `docx`, `pdf` (default) or `html`.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// Blank forms: the project whose parties stand at its head.
    project: Option<Uuid>,
}

/// A ticket on its form, as it stands now.
#[utoipa::path(get, path = "/tickets/{id}/forms/{form}", tag = "forms", params(("id" = Uuid, Path), ("form" = String, Path), Wanted),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn filled(
    State(app): State<App>,
    caller: Caller,
    Path((id, form)): Path<(Uuid, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Paper> {
    let ticket = tickets::visible(&app, &caller, id).await?;
    let layout = layout(&app, &form)?;
    if form != TICKET_FORM {
        return Err(Error::not_found());
    }
    let format = printed(wanted.format)?;
    let project = project(&app, ticket.project_id).await?;
    let zone = app.definitions.zone_of(&project.calendar);
    let number = ticket.number.clone();
    let customer = customer(&app, &project).await?;
    let values = values::of(&app, &caller, ticket, &zone, &customer).await?;
    let document = form::render(layout, &values);
    let document = framed(document, Some((&project, &customer)), &app, &caller, &zone);
    let entry = caller
        .entry("ticket.print")
        .on("ticket", id, &number)
        .detail(serde_json::json!({ "form": form, "format": format.extension() }));
    let paper = render(
        document,
        format,
        format!("{}-{number}", layout.title),
        format!("{form}-{number}"),
    )
    .await?;
    app.db.audit(entry).await?;
    Ok(paper)
}

/// A blank form to be filled in by hand.
#[utoipa::path(get, path = "/forms/{form}/blank", tag = "forms", params(("form" = String, Path), Wanted),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn blank(
    State(app): State<App>,
    caller: Caller,
    Path(form): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Paper> {
    caller.require(Permission::TicketRead)?;
    let layout = layout(&app, &form)?;
    let format = printed(wanted.format)?;
    let mut document = form::render_blank(layout);
    let mut zone = china();
    if let Some(id) = wanted.project {
        let project = project(&app, id).await?;
        let place = Place {
            project: Some(id),
            unit: Some(project.customer_unit_id),
            own: false,
        };
        caller.require_at(Permission::TicketRead, Permission::TicketRead, place)?;
        zone = app.definitions.zone_of(&project.calendar);
        let customer = customer(&app, &project).await?;
        document = framed(document, Some((&project, &customer)), &app, &caller, &zone);
    } else {
        document = framed(document, None, &app, &caller, &zone);
    }
    let name = format!("{}（空白）", layout.title);
    render(document, format, name, format!("{form}-blank")).await
}

fn layout<'a>(app: &'a App, form: &str) -> Result<&'a form::Layout> {
    app.definitions.forms.get(form).ok_or_else(Error::not_found)
}

/// Forms are no spreadsheets.
fn printed(format: Format) -> Result<Format> {
    if format == Format::Xlsx {
        return Err(Error::Invalid(vec![
            FieldError::new("format", "one_of").with("options", "docx, pdf, html"),
        ]));
    }
    Ok(format)
}

async fn project(app: &App, id: Uuid) -> Result<projects::Model> {
    projects::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)
}

async fn customer(app: &App, project: &projects::Model) -> Result<String> {
    let unit = units::Entity::find_by_id(project.customer_unit_id)
        .one(app.db.read())
        .await?;
    Ok(unit.map(|unit| unit.name).unwrap_or_default())
}

/// Head and foot: the parties, who printed it and when.
fn framed(
    mut document: Document,
    parties: Option<(&projects::Model, &str)>,
    app: &App,
    caller: &Caller,
    zone: &TimeZone,
) -> Document {
    if let Some((project, customer)) = parties {
        document.header = Header {
            project: project.name.clone(),
            customer: customer.to_owned(),
            provider: project.provider_name.clone(),
        };
    }
    document.footer.printed_at = Some(local(app.now(), zone));
    document.footer.printed_by.clone_from(&caller.user.name);
    document
}

/// An instant on the clocks of the customer.
pub fn local(at: At, zone: &TimeZone) -> DateTime {
    at.timestamp().to_zoned(zone.clone()).datetime()
}
