//! Reads the file, turns rows into steps and sends tickets to the door.

use std::collections::HashSet;
use std::io::Read;
use std::sync::Arc;

use anlan_core::process::Input;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::map::{Columns, Map, Row};
use crate::app::App;
use crate::features::projects::rows::projects;
use crate::features::tickets::{self, NewTicket, Record, Step, Terms, rows::tickets as table};
use crate::platform::error::{Error, Result};

/// Tickets on their way at a time: enough to fill a commit, little in memory.
const IN_FLIGHT: usize = 128;
/// Refused rows that are kept for the report; the rest is only counted.
const KEPT: usize = 100_000;

/// What to import where.
pub struct Options {
    /// How columns become fields.
    pub map: Map,
    /// Code of the project.
    pub project: String,
}

/// A row that was left out.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Line in the file.
    pub line: u64,
    /// The ticket's own number.
    pub ticket: String,
    /// Why.
    pub reason: String,
}

/// How an import went.
#[derive(Debug, Default)]
pub struct Summary {
    /// Rows read.
    pub rows: u64,
    /// Tickets written now.
    pub imported: u64,
    /// Tickets that were there already.
    pub present: u64,
    /// Timeline entries written now.
    pub events: u64,
    /// Rows left out, with their reasons.
    pub refused: Vec<Refused>,
    /// Rows left out in all.
    pub refused_rows: u64,
}

impl Summary {
    fn refuse(&mut self, line: u64, ticket: &str, reason: impl Into<String>) {
        self.refused_rows += 1;
        if self.refused.len() < KEPT {
            self.refused.push(Refused {
                line,
                ticket: ticket.to_owned(),
                reason: reason.into(),
            });
        }
    }
}

/// Imports a CSV file. `progress` is told the rows read so far.
///
/// # Errors
/// When the project, a column or the file itself does not fit; what was imported before stays.
pub async fn run(
    app: &App,
    options: Options,
    file: impl Read,
    mut progress: impl FnMut(u64),
) -> Result<Summary> {
    let db = app.db.read();
    let project = projects::Entity::find()
        .filter(projects::Column::Code.eq(&options.project))
        .one(db)
        .await?;
    let project = project
        .ok_or_else(|| Error::internal(format!("no project has the code {}", options.project)))?;
    let terms = Arc::new(Terms::load(db, project.id).await?);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header: Vec<String> = reader
        .headers()
        .map_err(bad_file)?
        .iter()
        .map(str::to_owned)
        .collect();
    let definition = app
        .definitions
        .newest(&options.map.process)
        .ok_or_else(|| Error::internal(format!("no process {}", options.map.process)))?;
    let columns = Arc::new(
        options
            .map
            .fit(&definition, &header)
            .map_err(Error::internal)?,
    );
    let known = present(app, &prefix(&columns.map.source, project.id)).await?;
    let mut summary = Summary::default();
    let mut flying = FuturesUnordered::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut records = reader.records();
    loop {
        let next = records.next();
        let row = match next {
            None => None,
            // What is read so far may be half a ticket: it comes whole when the import is run again.
            Some(Err(error)) if error.is_io_error() => return Err(bad_file(error)),
            Some(Err(error)) => {
                let line = error.position().map_or(0, csv::Position::line);
                summary.refuse(line, "", error.to_string());
                continue;
            }
            Some(Ok(record)) => {
                let line = record.position().map_or(0, csv::Position::line);
                summary.rows += 1;
                if record.len() != header.len() {
                    summary.refuse(
                        line,
                        "",
                        format!("{} values, the header has {}", record.len(), header.len()),
                    );
                    continue;
                }
                Some(Row {
                    line,
                    values: record.iter().map(str::to_owned).collect(),
                })
            }
        };
        let same = |row: &Row| {
            rows.first()
                .is_some_and(|first| columns.ticket(first) == columns.ticket(row))
        };
        match &row {
            Some(row) if rows.is_empty() || same(row) => {}
            _ if rows.is_empty() => {}
            _ => {
                let whole = std::mem::take(&mut rows);
                if let Some(work) =
                    prepare(&columns, &project, whole, &known, &mut seen, &mut summary)
                {
                    flying.push(send(
                        app.clone(),
                        Arc::clone(&terms),
                        Arc::clone(&columns),
                        work,
                    ));
                }
                if flying.len() >= IN_FLIGHT
                    && let Some(done) = flying.next().await
                {
                    settle(&mut summary, done)?;
                }
                progress(summary.rows);
            }
        }
        match row {
            Some(row) if columns.ticket(&row).is_none() => summary.refuse(
                row.line,
                "",
                format!("{}: no ticket number", columns.map.ticket),
            ),
            Some(row) => rows.push(row),
            None => break,
        }
    }
    while let Some(done) = flying.next().await {
        settle(&mut summary, done)?;
    }
    progress(summary.rows);
    Ok(summary)
}

fn bad_file(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("the file cannot be read: {error}"))
}

/// What the source id of a ticket begins with: another customer's export may count from 1, too.
fn prefix(source: &str, project: Uuid) -> String {
    format!("{source}:{}:", project.simple())
}

/// Numbers with this prefix that are there already.
async fn present(app: &App, prefix: &str) -> Result<HashSet<String>> {
    let ids: Vec<Option<String>> = table::Entity::find()
        .select_only()
        .column(table::Column::SourceId)
        .filter(table::Column::SourceKind.eq("import"))
        .filter(table::Column::SourceId.starts_with(prefix))
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(ids
        .into_iter()
        .flatten()
        .filter_map(|id| id.strip_prefix(prefix).map(str::to_owned))
        .collect())
}

/// One ticket ready to be sent.
struct Work {
    number: String,
    lines: Vec<u64>,
    new: NewTicket,
    rows: Vec<Row>,
}

fn prepare(
    columns: &Columns,
    project: &projects::Model,
    rows: Vec<Row>,
    known: &HashSet<String>,
    seen: &mut HashSet<String>,
    summary: &mut Summary,
) -> Option<Work> {
    let first = rows.first()?;
    let number = columns.ticket(first)?.to_owned();
    if known.contains(&number) {
        summary.present += 1;
        return None;
    }
    if !seen.insert(number.clone()) {
        rows.iter().for_each(|row| {
            summary.refuse(
                row.line,
                &number,
                "the rows of a ticket must stand together",
            );
        });
        return None;
    }
    let begun = columns
        .reported_at(first)
        .and_then(|at| columns.fields(first).map(|fields| (at, fields)));
    let (reported_at, mut fields) = match begun {
        Ok(begun) => begun,
        Err(reason) => {
            rows.iter()
                .for_each(|row| summary.refuse(row.line, &number, reason.clone()));
            return None;
        }
    };
    fields
        .entry("unit_id".into())
        .or_insert_with(|| Value::from(project.customer_unit_id.to_string()));
    let new = NewTicket {
        process: columns.map.process.clone(),
        project: project.id,
        input: Input {
            fields,
            note: None,
            happened_at: Some(reported_at),
        },
        source: Some((
            "import".into(),
            prefix(&columns.map.source, project.id) + &number,
        )),
    };
    Some(Work {
        number,
        lines: rows.iter().map(|row| row.line).collect(),
        new,
        rows,
    })
}

/// How one ticket went.
struct Done {
    number: String,
    lines: Vec<u64>,
    result: Result<(i32, Vec<(u64, String)>)>,
}

async fn send(app: App, terms: Arc<Terms>, columns: Arc<Columns>, work: Work) -> Done {
    let Work {
        number,
        lines,
        new,
        rows,
    } = work;
    let shared = app.clone();
    let result = app
        .db
        .write(move |tx| {
            Box::pin(async move {
                let by = rows.first().map(|row| columns.by(row)).unwrap_or_default();
                let mut refused = Vec::new();
                let mut place = 0;
                let ticket =
                    tickets::replay(tx, &shared, &terms, &by, new, |record, last_refusal| {
                        if let Some(reason) = last_refusal {
                            let line = rows.get(place - 1).map_or(0, |row| row.line);
                            refused.push((line, reason));
                        }
                        while let Some(row) = rows.get(place) {
                            let before = place.checked_sub(1).and_then(|place| rows.get(place));
                            place += 1;
                            match step(&columns, record, before, row) {
                                Ok(step) => return Some(step),
                                Err(reason) => refused.push((row.line, reason)),
                            }
                        }
                        None
                    })
                    .await?;
                Ok((ticket.events, refused))
            })
        })
        .await;
    Done {
        number,
        lines,
        result,
    }
}

/// What a row says has happened since the row before.
fn step(
    columns: &Columns,
    record: &Record,
    before: Option<&Row>,
    row: &Row,
) -> std::result::Result<Step, String> {
    let at = columns.happened_at(row)?;
    let target = columns.state(row)?.unwrap_or(&record.row.state);
    let route = record.definition.route(&record.row.state, target);
    let route =
        route.ok_or_else(|| format!("no way from state {} to {target}", record.row.state))?;
    let note = before
        .map(|before| columns.note(before, row))
        .filter(|note| !note.is_empty());
    let actions = if route.is_empty() {
        vec!["add_note".to_owned()]
    } else {
        route.into_iter().map(str::to_owned).collect()
    };
    let silent = actions.len() == 1 && actions.first().is_some_and(|action| action == "add_note");
    let note = if silent {
        note.or_else(|| Some("更新".to_owned()))
    } else {
        note
    };
    Ok(Step {
        by: columns.by(row),
        account: None,
        actions,
        input: Input {
            fields: std::collections::BTreeMap::new(),
            note,
            happened_at: Some(at),
        },
    })
}

fn settle(summary: &mut Summary, done: Done) -> Result<()> {
    match done.result {
        Ok((events, refused)) => {
            summary.imported += 1;
            summary.events += u64::from(events.unsigned_abs());
            refused
                .into_iter()
                .for_each(|(line, reason)| summary.refuse(line, &done.number, reason));
        }
        // The store is gone: what follows would fail alike.
        Err(error) if error.is_storage() => return Err(error),
        Err(error) => {
            let reason = error.to_string();
            done.lines
                .iter()
                .for_each(|line| summary.refuse(*line, &done.number, reason.clone()));
        }
    }
    Ok(())
}
