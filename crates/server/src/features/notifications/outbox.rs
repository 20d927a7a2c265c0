//! The outbox: what is due is claimed in one write, sent outside of any, and settled in another.
//!
//! A claim moves a delivery's due time past the longest attempt. Whoever is killed while sending
//! loses nothing: the delivery comes due again, with the same key. Several nodes may share the
//! table; a channel's counter of claims lets only one of them claim at a time.

use axum::http::StatusCode;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set,
};
use uuid::Uuid;

use super::config::{Config, Secrets};
use super::limits::Recent;
use super::route;
use super::rows::{channels, deliveries};
use super::secrets;
use super::send::{Failure, Letter, Wire};
use crate::app::App;
use crate::platform::at::At;
use crate::platform::auth::rows::users;
use crate::platform::db::Tx;
use crate::platform::error::{Error, Result};
use crate::platform::events::{Change, Topic};

/// Deliveries looked at for one claim; a digest has no more.
const LOOK: u64 = 200;
/// Parcels of one claim where no limit holds.
const CLAIM: usize = 20;
/// Seconds after which a claimed delivery counts as lost. Longer than the claim can take: the
/// first parcel alone, then the others four at a time, each 60 s at most.
const LEASE: i64 = 480;
/// Attempts after which a delivery is a dead letter: with the pauses between them, some eight hours.
const ATTEMPTS: i32 = 24;
/// The longest pause, in seconds.
const LONGEST_PAUSE: i64 = 1800;
/// Longest error or receipt kept, in characters.
const KEPT: usize = 600;

/// Deliveries that go out as one message.
pub type Parcel = Vec<deliveries::Model>;

/// A channel with its settings read.
#[derive(Debug)]
pub struct Channel {
    /// As stored.
    pub row: channels::Model,
    /// Its configuration.
    pub config: Config,
    /// Its secrets; nothing when they were sealed with another key.
    pub secrets: Option<Secrets>,
}

impl Channel {
    /// Reads a stored channel.
    ///
    /// # Errors
    /// When it does not fit what this program knows.
    pub fn read(app: &App, row: channels::Model) -> Result<Self> {
        Ok(Self {
            config: Config::read(&row.kind, &row.config)?,
            secrets: secrets::unseal(&app.vault, row.id, &row.secrets),
            row,
        })
    }

    /// A line to the other side; nothing is sent yet.
    ///
    /// # Errors
    /// When the secrets cannot be opened, or a certificate, proxy or address cannot be used.
    pub fn wire(&self) -> std::result::Result<Wire, Failure> {
        match &self.secrets {
            Some(secrets) => Wire::new(&self.config, secrets),
            None => Err(Failure::Later(secrets::SEALED_ELSEWHERE.into(), 0)),
        }
    }
}

/// Channels that something is due on.
pub async fn due_channels(app: &App) -> Result<Vec<Channel>> {
    let ids: Vec<Uuid> = deliveries::Entity::find()
        .select_only()
        .column(deliveries::Column::ChannelId)
        .distinct()
        .filter(deliveries::Column::State.eq("pending"))
        .filter(deliveries::Column::DueAt.lte(app.now()))
        .into_tuple()
        .all(app.db.read())
        .await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = channels::Entity::find()
        .filter(channels::Column::Id.is_in(ids))
        .filter(channels::Column::Enabled.eq(true))
        .all(app.db.read())
        .await?;
    let readable = |row: channels::Model| {
        let name = row.name.clone();
        Channel::read(app, row)
            .inspect_err(|error| tracing::error!(%error, name, "a channel cannot be read"))
            .ok()
    };
    Ok(rows.into_iter().filter_map(readable).collect())
}

/// What a letter needs of a delivery.
pub fn letter(app: &App, row: &deliveries::Model) -> Letter {
    Letter {
        // A copy on the fallback channel is the same message.
        key: row.origin_id.unwrap_or(row.id),
        address: row.address.clone(),
        title: row.title.clone(),
        body: row.body.clone(),
        link: format!(
            "{}{}",
            app.config.public_url.trim_end_matches('/'),
            row.link
        ),
    }
}

/// Claims what may be sent on a channel now; empty when nothing may.
pub async fn claim(app: &App, channel: &Channel, wire: &Wire) -> Result<Vec<Parcel>> {
    let (id, now) = (channel.row.id, app.now());
    let Some(row) = channels::Entity::find_by_id(id).one(app.db.read()).await? else {
        return Ok(Vec::new());
    };
    let recent = Recent::read(&row.recent);
    let left = recent.left(&channel.config, now);
    if !row.enabled || left == Some(0) || row.closed(now).is_some() {
        return Ok(Vec::new());
    }
    let due = deliveries::Entity::find()
        .filter(deliveries::Column::State.eq("pending"))
        .filter(deliveries::Column::ChannelId.eq(id))
        .filter(deliveries::Column::DueAt.lte(now))
        .order_by_desc(deliveries::Column::Urgent)
        .order_by_asc(deliveries::Column::DueAt)
        .order_by_asc(deliveries::Column::Id)
        .limit(LOOK)
        .all(app.db.read())
        .await?;
    let parcels = parcels(app, channel, wire, due, left);
    if parcels.is_empty() {
        return Ok(parcels);
    }
    let spent = recent.with(if left.is_some() { parcels.len() } else { 0 }, now);
    app.db
        .write(move |tx| Box::pin(async move { take(tx, &row, spent, parcels).await }))
        .await
}

/// What is sent as one message each. More messages for a robot than its limit allows go as a digest.
fn parcels(
    app: &App,
    channel: &Channel,
    wire: &Wire,
    mut due: Vec<deliveries::Model>,
    left: Option<usize>,
) -> Vec<Parcel> {
    let robot = matches!(channel.config, Config::Robot(..));
    // A robot's requests are claimed one by one, so that each is counted when it is really made.
    let most = if robot {
        1
    } else {
        left.unwrap_or(CLAIM).min(CLAIM)
    };
    let crowded = left.is_some_and(|left| due.len() > left);
    if !robot {
        // The same text to several people stands together, and in the same order each time.
        due.sort_by_key(|row| (!row.urgent, row.message_id, row.id));
    }
    let mut parcels = Vec::new();
    while !due.is_empty() && parcels.len() < most {
        let count = if robot && !crowded {
            1
        } else {
            let letters: Vec<Letter> = due.iter().map(|row| letter(app, row)).collect();
            wire.fit(&letters).clamp(1, due.len())
        };
        parcels.push(due.drain(..count).collect());
    }
    parcels
}

/// Takes the parcels, unless another node was faster.
async fn take(
    tx: &mut Tx,
    channel: &channels::Model,
    spent: String,
    parcels: Vec<Parcel>,
) -> Result<Vec<Parcel>> {
    let taken = channels::Entity::update_many()
        .col_expr(channels::Column::Recent, Expr::value(spent))
        .col_expr(channels::Column::Claims, Expr::value(channel.claims + 1))
        .filter(channels::Column::Id.eq(channel.id))
        .filter(channels::Column::Claims.eq(channel.claims))
        .exec(&tx.db)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(Vec::new());
    }
    let mut claimed = Vec::new();
    for parcel in parcels {
        let ids = parcel.iter().map(|row| row.id);
        let due: Vec<Uuid> = deliveries::Entity::find()
            .select_only()
            .column(deliveries::Column::Id)
            .filter(deliveries::Column::Id.is_in(ids))
            .filter(deliveries::Column::State.eq("pending"))
            .filter(deliveries::Column::DueAt.lte(tx.now))
            .into_tuple()
            .all(&tx.db)
            .await?;
        deliveries::Entity::update_many()
            .col_expr(
                deliveries::Column::DueAt,
                Expr::value(tx.now.plus_seconds(LEASE).0),
            )
            .col_expr(deliveries::Column::AttemptedAt, Expr::value(tx.now.0))
            .col_expr(
                deliveries::Column::Attempts,
                Expr::col(deliveries::Column::Attempts).add(1),
            )
            .filter(deliveries::Column::Id.is_in(due.iter().copied()))
            .exec(&tx.db)
            .await?;
        let parcel: Parcel = parcel
            .into_iter()
            .filter(|row| due.contains(&row.id))
            .map(|row| deliveries::Model {
                attempts: row.attempts + 1,
                ..row
            })
            .collect();
        if !parcel.is_empty() {
            claimed.push(parcel);
        }
    }
    Ok(claimed)
}

/// Records how an attempt ended: one write.
pub async fn settle(
    app: &App,
    channel: &Channel,
    parcel: Parcel,
    result: std::result::Result<String, Failure>,
) -> Result<()> {
    let (id, fallback, after) = (
        channel.row.id,
        channel.row.fallback_id,
        channel.config.rule().fallback_after,
    );
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let ids: Vec<Uuid> = parcel.iter().map(|row| row.id).collect();
                match result {
                    Ok(receipt) => sent(tx, ids, &receipt).await?,
                    Err(failure) => {
                        if let Failure::ShutOut(_, seconds) = failure {
                            close(tx, id, seconds).await?;
                        }
                        // What went together comes again together, with the same key.
                        let attempts = parcel.iter().map(|row| row.attempts).max();
                        let due = tx.now.plus_seconds(pause(attempts.unwrap_or(1)));
                        for row in parcel {
                            failed(tx, row, &failure, due, fallback, after).await?;
                        }
                    }
                }
                Ok(())
            })
        })
        .await
}

async fn sent(tx: &mut Tx, ids: Vec<Uuid>, receipt: &str) -> Result<()> {
    for id in &ids {
        tx.changed(Change::new(Topic::Delivery, *id));
    }
    deliveries::Entity::update_many()
        .col_expr(deliveries::Column::State, Expr::value("sent"))
        .col_expr(deliveries::Column::SentAt, Expr::value(tx.now.0))
        .col_expr(deliveries::Column::Receipt, Expr::value(kept(receipt)))
        .col_expr(deliveries::Column::LastError, Expr::value(""))
        .filter(deliveries::Column::Id.is_in(ids))
        .exec(&tx.db)
        .await?;
    Ok(())
}

async fn failed(
    tx: &mut Tx,
    row: deliveries::Model,
    failure: &Failure,
    due: At,
    fallback: Option<Uuid>,
    after: i32,
) -> Result<()> {
    let never = matches!(failure, Failure::Never(_));
    let mut state = "pending";
    if (never || row.attempts >= after)
        && let Some(fallback) = fallback
        && pass_on(tx, &row, fallback).await?
    {
        state = "passed_on";
    } else if never || row.attempts >= ATTEMPTS {
        state = "dead";
        tracing::warn!(delivery = %row.id, error = %failure, "a message could not be delivered");
    }
    let at_least = match failure {
        Failure::Later(_, seconds) | Failure::ShutOut(_, seconds) => *seconds,
        _ => 0,
    };
    let due = Ord::max(due, tx.now.plus_seconds(at_least));
    tx.changed(Change::new(Topic::Delivery, row.id));
    deliveries::Entity::update_many()
        .set(deliveries::ActiveModel {
            state: Set(state.into()),
            due_at: Set(due),
            last_error: Set(kept(&failure.to_string())),
            ..Default::default()
        })
        .filter(deliveries::Column::Id.eq(row.id))
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// Seconds until the next attempt: doubled each time, with a fifth of chance so that what failed
/// together does not come back together.
fn pause(attempts: i32) -> i64 {
    let base = Ord::min(5_i64 << (attempts.clamp(1, 20) - 1), LONGEST_PAUSE);
    base + rand::random_range(0..=base / 5)
}

/// Puts the message on the fallback channel. False when that channel has no address for it.
async fn pass_on(tx: &mut Tx, row: &deliveries::Model, fallback: Uuid) -> Result<bool> {
    let channel = channels::Entity::find_by_id(fallback)
        .filter(channels::Column::Enabled.eq(true))
        .filter(channels::Column::DeletedAt.is_null())
        .one(&tx.db)
        .await?;
    let Some(channel) = channel else {
        return Ok(false);
    };
    let config = Config::read(&channel.kind, &channel.config)?;
    let address = if matches!(config, Config::Robot(..)) {
        String::new()
    } else {
        let user = match row.user_id {
            Some(id) => users::Entity::find_by_id(id).one(&tx.db).await?,
            None => None,
        };
        match user.and_then(|user| route::address(&config, &user)) {
            Some(address) => address,
            None => return Ok(false),
        }
    };
    // Several mails of one message become one line in a chat; who got the SMS already gets no second.
    let there = deliveries::Entity::find()
        .filter(deliveries::Column::MessageId.eq(row.message_id))
        .filter(deliveries::Column::ChannelId.eq(fallback))
        .filter(deliveries::Column::Address.eq(&address))
        .filter(deliveries::Column::State.is_in(["pending", "sent", "passed_on"]))
        .count(&tx.db)
        .await?;
    if there == 0 {
        let copy = deliveries::Model {
            id: Uuid::now_v7(),
            channel_id: fallback,
            address,
            state: "pending".into(),
            attempts: 0,
            due_at: tx.now,
            attempted_at: None,
            sent_at: None,
            last_error: String::new(),
            receipt: String::new(),
            origin_id: Some(row.origin_id.unwrap_or(row.id)),
            ..row.clone()
        };
        deliveries::Entity::insert(copy.into_active_model().reset_all())
            .exec_without_returning(&tx.db)
            .await?;
        tx.changed(Change::new(Topic::Outbox, fallback));
    }
    Ok(true)
}

fn kept(text: &str) -> String {
    text.chars().filter(|c| *c != '\0').take(KEPT).collect()
}

/// Lets a whole channel rest: whatever else it was asked would only keep it shut out for longer.
async fn close(tx: &Tx, channel: Uuid, seconds: i64) -> Result<()> {
    use channels::Column;
    let until = tx.now.plus_seconds(seconds);
    let sooner = Condition::any()
        .add(Column::ClosedUntil.is_null())
        .add(Column::ClosedUntil.lt(until));
    channels::Entity::update_many()
        .col_expr(Column::ClosedUntil, Expr::value(until.0))
        .filter(Column::Id.eq(channel))
        .filter(sooner)
        .exec(&tx.db)
        .await?;
    Ok(())
}

/// The same for what was sent past the outbox (a test message).
pub async fn rest(app: &App, channel: Uuid, seconds: i64) -> Result<()> {
    app.db
        .write(move |tx| Box::pin(async move { close(tx, channel, seconds).await }))
        .await
}

/// The clock was set back by so many microseconds: what waits is not to wait for that time once more.
/// All of it was stamped from a clock that was ahead, the claims under way as well.
pub async fn set_back(app: &App, by: i64) -> Result<()> {
    app.db
        .write(move |tx| {
            Box::pin(async move {
                use deliveries::Column as D;
                deliveries::Entity::update_many()
                    .col_expr(D::DueAt, Expr::col(D::DueAt).sub(by))
                    .filter(D::State.eq("pending"))
                    .filter(D::DueAt.gt(tx.now))
                    .exec(&tx.db)
                    .await?;
                use channels::Column as C;
                channels::Entity::update_many()
                    .col_expr(C::ClosedUntil, Expr::col(C::ClosedUntil).sub(by))
                    .filter(C::ClosedUntil.gt(tx.now))
                    .exec(&tx.db)
                    .await?;
                Ok(())
            })
        })
        .await
}

/// Counts one request that goes past the outbox (a test message) against a channel's limit.
///
/// # Errors
/// 429 when it has none left, or the other side shuts the channel out.
pub async fn spend(app: &App, channel: &Channel) -> Result<()> {
    let id = channel.row.id;
    let config = channel.config.clone();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = channels::Entity::find_by_id(id)
                    .one(&tx.db)
                    .await?
                    .ok_or_else(Error::not_found)?;
                let refused = |code| Error::coded(StatusCode::TOO_MANY_REQUESTS, code);
                if let Some(until) = row.closed(tx.now) {
                    let minutes = until.seconds_since(tx.now) / 60 + 1;
                    return Err(refused("channel_shut_out").with("minutes", minutes));
                }
                let recent = Recent::read(&row.recent);
                match recent.left(&config, tx.now) {
                    None => return Ok(()),
                    Some(0) => return Err(refused("channel_limit")),
                    Some(_) => {}
                }
                take(tx, &row, recent.with(1, tx.now), Vec::new()).await?;
                Ok(())
            })
        })
        .await
}
