//! Every Monday morning: whether the holidays of this year, and from December on of the next, are
//! known. The State Council announces them in November; until they are imported every promise in
//! working time of the new year is reckoned without them.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::features::notifications::{self, Message};
use crate::platform::at::At;
use crate::platform::auth::rows::grants;
use crate::platform::db::Tx;
use crate::platform::definitions::china;
use crate::platform::error::{Error, Result};
use crate::platform::timers::{self, Timer};

/// Kind of the one timer.
pub const WEEKLY: &str = "calendar.missing";
/// Who imports calendars.
const LISTENERS: [&str; 1] = ["system_admin"];
/// The hour of the morning.
const HOUR: i8 = 9;

/// Sets the timer.
///
/// # Errors
/// When the store fails.
pub async fn begin(app: &App) -> Result<()> {
    app.db.write(|tx| Box::pin(again(tx))).await
}

/// The timer: tells what is missing, then sets itself again.
///
/// # Errors
/// When the store fails; the timer then comes again.
pub async fn weekly(app: App, timer: Timer) -> Result<()> {
    let today = app.now().timestamp().to_zoned(china()).date();
    let missing = app.definitions.calendars().missing_years(today);
    let mut years: Vec<i16> = missing.iter().map(|one| one.year).collect();
    years.dedup();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                if timers::done(tx, &timer).await? && !years.is_empty() {
                    tell(tx, &years).await?;
                }
                again(tx).await
            })
        })
        .await
}

async fn again(tx: &mut Tx) -> Result<()> {
    let next = next_morning(tx.now.timestamp()).map_err(Error::internal)?;
    timers::replace(tx, WEEKLY, Uuid::nil(), &[(At::from(next), ())]).await
}

/// The next Monday morning after an instant.
fn next_morning(now: Timestamp) -> std::result::Result<Timestamp, jiff::Error> {
    let hours = SignedDuration::from_hours(i64::from(HOUR));
    let monday = now
        .checked_sub(hours)?
        .to_zoned(china())
        .nth_weekday(1, Weekday::Monday)?;
    Ok(monday
        .with()
        .hour(HOUR)
        .minute(0)
        .second(0)
        .subsec_nanosecond(0)
        .build()?
        .timestamp())
}

async fn tell(tx: &mut Tx, years: &[i16]) -> Result<()> {
    let holders = grants::of_active()
        .filter(grants::Column::Role.is_in(LISTENERS))
        .all(&tx.db)
        .await?;
    let list = |between: &str| {
        let years: Vec<String> = years.iter().map(ToString::to_string).collect();
        years.join(between)
    };
    let message = Message {
        kind: "calendar.missing".into(),
        to: holders.into_iter().map(|grant| grant.user_id).collect(),
        title: (
            format!("缺少{}年的放假安排，请导入", list("、")),
            format!("Holidays of {} are not imported yet", list(", ")),
        ),
        body: (
            "没有放假安排，按工作时间计算的时限不扣除节假日，也不计调休上班。".into(),
            "Until then promises in working time are reckoned without holidays and make-up days."
                .into(),
        ),
        link: "/calendars".into(),
        project: None,
        subject: None,
        urgent: false,
        ends: None,
    };
    notifications::tell(tx, &message).await
}

#[cfg(test)]
mod tests {
    use super::next_morning;

    #[test]
    fn the_next_monday_at_nine_in_beijing() {
        let next = |now: &str| next_morning(now.parse().unwrap()).unwrap().to_string();
        // Sunday; Monday before, at and after nine.
        assert_eq!(next("2026-11-22T02:00:00Z"), "2026-11-23T01:00:00Z");
        assert_eq!(next("2026-11-23T00:59:59Z"), "2026-11-23T01:00:00Z");
        assert_eq!(next("2026-11-23T01:00:00Z"), "2026-11-30T01:00:00Z");
        assert_eq!(next("2026-11-28T20:00:00Z"), "2026-11-30T01:00:00Z");
    }
}
