//! The append-only, hash-chained audit log: everybody's changes and every failed attempt.

use anlan_core::audit::{Broken, GENESIS, Record, Verifier, hash};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::at::At;
use super::error::{Error, Result};

/// The table.
pub mod rows {
    use sea_orm::entity::prelude::*;

    use crate::platform::at::At;

    /// One entry. The database itself refuses to change or delete it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_log")]
    #[expect(missing_docs, reason = "columns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub chain: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: At,
        pub actor_kind: String,
        pub actor_id: Option<Uuid>,
        pub actor_name: String,
        pub ip: String,
        pub action: String,
        pub object_kind: String,
        pub object_id: String,
        pub object_label: String,
        pub ok: bool,
        pub detail: String,
        pub hash: String,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `user`, `token`, `system`, `monitor`, `import`, `mail` or `nobody`.
    pub kind: &'static str,
    /// The account, when there is one.
    pub id: Option<Uuid>,
    /// Name as it was then.
    pub name: String,
    /// Address it came from; empty for the system itself.
    pub ip: String,
}

impl Actor {
    /// The server itself (timers, alarms).
    #[must_use]
    pub fn system() -> Self {
        Self {
            kind: "system",
            id: None,
            name: "系统".into(),
            ip: String::new(),
        }
    }

    /// Somebody not signed in.
    #[must_use]
    pub fn nobody(name: &str, ip: &str) -> Self {
        Self {
            kind: "nobody",
            id: None,
            name: name.chars().take(100).collect(),
            ip: ip.to_owned(),
        }
    }
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct Entry {
    actor: Actor,
    action: String,
    object: (&'static str, String, String),
    ok: bool,
    detail: Value,
}

impl Entry {
    /// `actor` did `action` (`ticket.resolve`, `session.create`…).
    #[must_use]
    pub fn new(actor: &Actor, action: impl Into<String>) -> Self {
        Self {
            actor: actor.clone(),
            action: action.into(),
            object: ("", String::new(), String::new()),
            ok: true,
            detail: Value::Null,
        }
    }

    /// To which thing: its kind, id and a label a person knows it by.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "ids and texts are written down as they come"
    )]
    pub fn on(mut self, kind: &'static str, id: impl ToString, label: impl Into<String>) -> Self {
        self.object = (kind, id.to_string(), label.into());
        self
    }

    /// It was refused or failed.
    #[must_use]
    pub const fn failed(mut self) -> Self {
        self.ok = false;
        self
    }

    /// More of it. Never a password or token.
    #[must_use]
    pub fn detail(mut self, detail: impl Serialize) -> Self {
        self.detail = serde_json::to_value(detail).unwrap_or_default();
        self
    }
}

/// Where this node's chain stands.
#[derive(Clone, Debug)]
pub struct Chain {
    name: String,
    seq: i64,
    hash: String,
}

/// Reads where the chain `name` stands.
///
/// # Errors
/// When the store fails.
pub async fn head(db: &impl ConnectionTrait, name: &str) -> Result<Chain> {
    let last = rows::Entity::find()
        .filter(rows::Column::Chain.eq(name))
        .order_by_desc(rows::Column::Seq)
        .limit(1)
        .one(db)
        .await?;
    let (seq, hash) = last.map_or_else(|| (0, GENESIS.to_owned()), |row| (row.seq, row.hash));
    Ok(Chain {
        name: name.to_owned(),
        seq,
        hash,
    })
}

/// Appends entries and tells where the chain stands then.
///
/// # Errors
/// When the store fails.
pub async fn append(
    db: &impl ConnectionTrait,
    chain: &Chain,
    entries: Vec<(At, Entry)>,
) -> std::result::Result<Chain, DbErr> {
    let mut chain = chain.clone();
    if entries.is_empty() {
        return Ok(chain);
    }
    let rows: Vec<_> = entries
        .into_iter()
        .map(|(at, entry)| next(&mut chain, at, entry))
        .collect();
    // SQLite allows 32,766 values in a statement; a row has 14.
    for part in rows.chunks(1_000) {
        rows::Entity::insert_many(part.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    Ok(chain)
}

/// Longest name in an entry, in characters: what a stranger sends must neither fill the log nor
/// outgrow an index.
const LONGEST: usize = 200;

/// A text of an entry as every database takes it.
fn plain(text: String) -> String {
    if text.len() <= LONGEST && !text.contains('\0') {
        return text;
    }
    text.chars().filter(|c| *c != '\0').take(LONGEST).collect()
}

fn next(chain: &mut Chain, at: At, entry: Entry) -> rows::ActiveModel {
    let Entry {
        actor,
        action,
        object: (object_kind, object_id, object_label),
        ok,
        detail,
    } = entry;
    let detail = if detail.is_null() {
        String::new()
    } else {
        detail.to_string()
    };
    let mut model = rows::Model {
        chain: chain.name.clone(),
        seq: chain.seq + 1,
        at,
        actor_kind: actor.kind.to_owned(),
        actor_id: actor.id,
        actor_name: plain(actor.name),
        ip: actor.ip,
        action: plain(action),
        object_kind: object_kind.to_owned(),
        object_id: plain(object_id),
        object_label: plain(object_label),
        ok,
        detail,
        hash: String::new(),
    };
    model.hash = with_record(&model, |record| hash(&chain.hash, record));
    chain.seq = model.seq;
    chain.hash.clone_from(&model.hash);
    rows::ActiveModel {
        chain: Set(model.chain),
        seq: Set(model.seq),
        at: Set(model.at),
        actor_kind: Set(model.actor_kind),
        actor_id: Set(model.actor_id),
        actor_name: Set(model.actor_name),
        ip: Set(model.ip),
        action: Set(model.action),
        object_kind: Set(model.object_kind),
        object_id: Set(model.object_id),
        object_label: Set(model.object_label),
        ok: Set(model.ok),
        detail: Set(model.detail),
        hash: Set(model.hash),
    }
}

fn with_record<T>(row: &rows::Model, with: impl FnOnce(&Record<'_>) -> T) -> T {
    let actor_id = row.actor_id.map(|id| id.to_string()).unwrap_or_default();
    with(&Record {
        chain: &row.chain,
        seq: row.seq,
        at: row.at.0,
        actor: [&row.actor_kind, &actor_id, &row.actor_name, &row.ip],
        action: &row.action,
        object: [&row.object_kind, &row.object_id, &row.object_label],
        ok: row.ok,
        detail: &row.detail,
    })
}

/// What a check of the whole log found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Verdict {
    /// Good entries.
    pub entries: i64,
    /// Whether every chain is whole.
    pub ok: bool,
    /// The first entry that does not fit, and how.
    pub first_bad: Option<BadEntry>,
    /// The last hash of each chain. Written down elsewhere (a printed report), it also shows
    /// whether entries were cut off the end.
    pub heads: Vec<Head>,
}

/// The first entry that does not fit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BadEntry {
    /// Its chain.
    pub chain: String,
    /// Its number.
    pub seq: i64,
    /// How it does not fit.
    pub reason: String,
}

/// Where a chain ends.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Head {
    /// Its name: the node that wrote it.
    pub chain: String,
    /// Its last number.
    pub seq: i64,
    /// Its last hash.
    pub hash: String,
}

/// Entries read at a time.
const PAGE: u64 = 5_000;

/// Checks every chain from its beginning. `progress` is told the entries checked so far.
///
/// # Errors
/// When the log cannot be read.
pub async fn verify(db: &impl ConnectionTrait, mut progress: impl FnMut(i64)) -> Result<Verdict> {
    let chains: Vec<String> = rows::Entity::find()
        .select_only()
        .column(rows::Column::Chain)
        .distinct()
        .order_by_asc(rows::Column::Chain)
        .into_tuple()
        .all(db)
        .await?;
    let mut verdict = Verdict {
        entries: 0,
        ok: true,
        first_bad: None,
        heads: Vec::new(),
    };
    for chain in chains {
        let mut verifier = Verifier::default();
        let broken = verify_chain(db, &chain, &mut verifier, |entries| {
            progress(verdict.entries + entries);
        })
        .await?;
        verdict.entries += verifier.entries();
        if let (Some((seq, broken)), None) = (broken, &verdict.first_bad) {
            verdict.ok = false;
            verdict.first_bad = Some(BadEntry {
                chain: chain.clone(),
                seq,
                reason: broken.to_string(),
            });
        }
        verdict.heads.push(Head {
            chain,
            seq: verifier.entries(),
            hash: verifier.head().to_owned(),
        });
    }
    Ok(verdict)
}

async fn verify_chain(
    db: &impl ConnectionTrait,
    chain: &str,
    verifier: &mut Verifier,
    mut progress: impl FnMut(i64),
) -> Result<Option<(i64, Broken)>> {
    let mut after = i64::MIN;
    loop {
        let page = rows::Entity::find()
            .filter(rows::Column::Chain.eq(chain))
            .filter(rows::Column::Seq.gt(after))
            .order_by_asc(rows::Column::Seq)
            .limit(PAGE)
            .all(db)
            .await
            .map_err(Error::from)?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        after = last.seq;
        for row in &page {
            if let Err(broken) = with_record(row, |record| verifier.take(record, &row.hash)) {
                return Ok(Some((row.seq, broken)));
            }
        }
        progress(verifier.entries());
    }
}
