//! Ticket numbers: one counter a series, never going back.

use anlan_core::process::Definition;
use jiff::tz::TimeZone;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};

use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};

/// The next number of a process.
///
/// # Errors
/// When the store fails.
pub async fn next(tx: &Tx, definition: &Definition, zone: &TimeZone) -> Result<String> {
    let rule = definition.number();
    let series = rule.series(tx.now.timestamp().to_zoned(zone.clone()).date());
    let (counters, key, value) = (
        Alias::new("counters"),
        Alias::new("key"),
        Alias::new("value"),
    );
    let one_more = Expr::col((counters.clone(), value.clone())).add(1);
    let insert = Query::insert()
        .into_table(counters)
        .columns([key.clone(), value.clone()])
        .values([Expr::val(format!("number:{series}")), Expr::val(1_i64)])
        .map_err(Error::internal)?
        .on_conflict(
            OnConflict::column(key)
                .value(value.clone(), one_more)
                .to_owned(),
        )
        .returning_col(value)
        .to_owned();
    let row = tx
        .db
        .query_one(&insert)
        .await?
        .ok_or_else(|| Error::internal("a counter gave no number"))?;
    let seq: i64 = row.try_get("", "value")?;
    Ok(rule.format(&series, seq.unsigned_abs()))
}
