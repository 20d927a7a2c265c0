//! The schema, step by step. Steps are append-only: a released one is never edited.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use sea_orm_migration::prelude::*;

use crate::platform::error::{Error, Result};

mod m20261122_01_platform;
mod m20261122_02_people;
mod m20261122_03_projects;
mod m20261122_04_tickets;
mod m20261122_05_notifications;
mod m20261122_06_monitors;
mod m20261122_07_channels;
mod m20261122_08_reports;
mod m20261127_09_references;
mod m20261127_10_definitions;
mod m20261127_11_ticket_order;
mod m20261128_12_ticket_counts;
mod m20261128_13_left_out;
mod m20261128_14_shut_out;
mod m20261129_15_terms;
mod m20261129_16_systems;
mod m20261129_17_tasks;
mod m20261129_18_service_levels;

/// All steps, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_01_platform::Migration),
            Box::new(m20261122_02_people::Migration),
            Box::new(m20261122_03_projects::Migration),
            Box::new(m20261122_04_tickets::Migration),
            Box::new(m20261122_05_notifications::Migration),
            Box::new(m20261122_06_monitors::Migration),
            Box::new(m20261122_07_channels::Migration),
            Box::new(m20261122_08_reports::Migration),
            Box::new(m20261127_09_references::Migration),
            Box::new(m20261127_10_definitions::Migration),
            Box::new(m20261127_11_ticket_order::Migration),
            Box::new(m20261128_12_ticket_counts::Migration),
            Box::new(m20261128_13_left_out::Migration),
            Box::new(m20261128_14_shut_out::Migration),
            Box::new(m20261129_15_terms::Migration),
            Box::new(m20261129_16_systems::Migration),
            Box::new(m20261129_17_tasks::Migration),
            Box::new(m20261129_18_service_levels::Migration),
        ]
    }
}

/// Brings the database to the newest schema.
///
/// # Errors
/// When a step fails or the database is newer than this program.
pub async fn run(db: &DatabaseConnection) -> Result<()> {
    Migrator::up(db, None).await.map_err(Error::storage)
}

// ---- words the steps share ----

/// A UUID column that must be there.
fn id(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .uuid()
        .not_null()
        .to_owned()
}

/// A UUID column that may be empty.
fn id_opt(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).uuid().to_owned()
}

/// The UUID primary key.
fn key() -> ColumnDef {
    ColumnDef::new(Alias::new("id"))
        .uuid()
        .not_null()
        .primary_key()
        .to_owned()
}

/// Text that must be there.
fn text(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .text()
        .not_null()
        .to_owned()
}

/// Text that may be empty.
fn text_opt(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).text().to_owned()
}

/// A whole number (also an instant in microseconds) that must be there.
fn int(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .big_integer()
        .not_null()
        .to_owned()
}

/// A whole number or instant that may be empty.
fn int_opt(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().to_owned()
}

/// A small number that must be there.
fn small(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .integer()
        .not_null()
        .to_owned()
}

/// A small number that may be empty.
fn small_opt(name: &str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).integer().to_owned()
}

/// Yes or no.
fn flag(name: &str, default: bool) -> ColumnDef {
    ColumnDef::new(Alias::new(name))
        .boolean()
        .not_null()
        .default(default)
        .to_owned()
}

/// One of a few short words, checked by the database.
fn word(name: &'static str, of: &[&str]) -> ColumnDef {
    let check = Expr::col(Alias::new(name)).is_in(of.iter().map(|word| (*word).to_owned()));
    ColumnDef::new(Alias::new(name))
        .text()
        .not_null()
        .check(check)
        .to_owned()
}

/// Creates a table from its columns.
async fn table(
    manager: &SchemaManager<'_>,
    name: &str,
    columns: Vec<ColumnDef>,
) -> std::result::Result<(), DbErr> {
    let mut create = Table::create().table(Alias::new(name)).to_owned();
    for mut column in columns {
        create.col(&mut column);
    }
    manager.create_table(create).await
}

/// Adds a column to a table; `SQLite` takes one at a time.
async fn column(
    manager: &SchemaManager<'_>,
    table: &str,
    mut column: ColumnDef,
) -> std::result::Result<(), DbErr> {
    let alter = Table::alter()
        .table(Alias::new(table))
        .add_column(&mut column)
        .to_owned();
    manager.alter_table(alter).await
}

/// An index named after its table and columns, so that a violation can be told apart by a word.
async fn index(
    manager: &SchemaManager<'_>,
    on: &str,
    columns: &[&str],
    unique: bool,
) -> std::result::Result<(), DbErr> {
    let mut create = Index::create()
        .name(format!("ix_{on}_{}", columns.join("_")))
        .table(Alias::new(on))
        .to_owned();
    for column in columns {
        create.col(Alias::new(*column));
    }
    if unique {
        create.unique();
    }
    manager.create_index(create).await
}

/// Makes the database itself refuse to change or delete rows of a table (R-090, audit log).
async fn append_only(manager: &SchemaManager<'_>, table: &str) -> std::result::Result<(), DbErr> {
    let db = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Sqlite => {
            for verb in ["UPDATE", "DELETE"] {
                let sql = format!(
                    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                );
                db.execute_unprepared(&sql).await?;
            }
        }
        _ => {
            let sql = format!(
                "CREATE FUNCTION {table}_append_only() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$ LANGUAGE plpgsql; \
                 CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
            );
            db.execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}
