//! A desk to try the process at: one ticket, people who act on it, and a clock that stands where it is put.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use crate::access::{Permission, RoleLibrary};
use crate::definition::Text;
use crate::process::{
    Actor, ActorKind, AvailableAction, Decision, Definition, Facts, Fields, Input, Level, Refusal,
    Ticket, available, decide, intake,
};
use crate::proposal::Proposal;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use uuid::Uuid;

pub static ROLES: LazyLock<RoleLibrary> = LazyLock::new(|| {
    RoleLibrary::parse(include_str!(
        "../../../../../definitions/roles/library.yaml"
    ))
    .unwrap()
});
pub static INCIDENT: LazyLock<Arc<Definition>> = LazyLock::new(|| {
    Definition::parse(
        include_str!("../../../../../definitions/processes/incident.yaml"),
        &ROLES,
    )
    .unwrap_or_else(|e| panic!("{e}"))
});

/// Somebody who acts.
#[derive(Clone)]
pub struct Person {
    pub kind: ActorKind,
    pub id: Option<Uuid>,
    pub roles: BTreeSet<String>,
    pub permissions: BTreeSet<Permission>,
    pub group_member: bool,
    pub group_leader: bool,
    pub reporter: bool,
}

pub fn person(role: &str, id: u128) -> Person {
    let permissions = ROLES.get(role).unwrap().permissions.clone();
    let roles = BTreeSet::from([role.to_owned()]);
    Person {
        kind: ActorKind::User,
        id: Some(Uuid::from_u128(id)),
        roles,
        permissions,
        group_member: false,
        group_leader: false,
        reporter: false,
    }
}

pub fn nobody(kind: ActorKind) -> Person {
    Person {
        kind,
        id: None,
        roles: BTreeSet::new(),
        permissions: BTreeSet::new(),
        group_member: false,
        group_leader: false,
        reporter: false,
    }
}

impl Person {
    pub fn actor(&self) -> Actor<'_> {
        Actor {
            kind: self.kind,
            user: self.id,
            permissions: &self.permissions,
            roles: &self.roles,
            group_member: self.group_member,
            group_leader: self.group_leader,
            reporter: self.reporter,
        }
    }
}

/// One ticket at one desk.
pub struct Desk {
    pub definition: Arc<Definition>,
    pub state: String,
    pub fields: Fields,
    pub reported_at: Timestamp,
    pub now: Timestamp,
    pub levels: Vec<Level>,
    pub breached: Vec<String>,
    pub attachments: u32,
    pub history: Vec<Decision>,
}

/// Agreement A: 一级, 二级, 三级.
pub fn levels(count: usize) -> Vec<Level> {
    let names = ["一级", "二级", "三级", "四级", "五级"];
    (1..=count)
        .map(|n| Level {
            key: format!("l{n}"),
            name: Text::new(names[n - 1], format!("Level {n}")),
            serious: None,
            proposal: Proposal::default(),
        })
        .collect()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the tests read better with json! at the call"
)]
pub fn fields(value: Value) -> Fields {
    value
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

pub fn input(value: Value, note: &str) -> Input {
    Input {
        fields: fields(value),
        note: (!note.is_empty()).then(|| note.to_owned()),
        happened_at: None,
    }
}

/// A complete call by telephone.
pub fn call() -> Value {
    json!({"title": "门户网站打不开", "description": "首页返回 502", "type": "fault", "channel": "phone",
        "unit_id": Uuid::from_u128(7).to_string(), "caller_name": "王科长", "caller_phone": "0898-12345678",
        "business_reason": "公众无法办事", "impact": 2, "urgency": 2})
}

impl Default for Desk {
    fn default() -> Self {
        let now: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
        let definition = Arc::clone(&INCIDENT);
        Self {
            definition,
            state: String::new(),
            fields: Fields::new(),
            reported_at: now,
            now,
            levels: levels(3),
            breached: vec![],
            attachments: 0,
            history: vec![],
        }
    }
}

impl Desk {
    /// A desk with a ticket that was just registered by telephone.
    pub fn with_call() -> Self {
        let mut desk = Self::default();
        desk.register(&person("service_desk", 1), input(call(), ""))
            .unwrap();
        desk
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts {
            now: self.now,
            levels: &self.levels,
            breached: &self.breached,
            recovered: self.fields.contains_key("recovered_at"),
        }
    }

    pub fn ticket(&self) -> Ticket<'_> {
        Ticket {
            state: &self.state,
            fields: &self.fields,
            reported_at: self.reported_at,
            votes: &[],
            attachments: self.attachments,
            reopened: 0,
        }
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "the tests read better with json! at the call"
    )]
    pub fn register(&mut self, who: &Person, input: Input) -> Result<Decision, Refusal> {
        let decision = intake(&self.definition, who.actor(), &input, self.facts())?;
        self.reported_at = decision.happened_at;
        Ok(self.keep(decision))
    }

    pub fn try_input(
        &self,
        who: &Person,
        action: &str,
        input: &Input,
    ) -> Result<Decision, Refusal> {
        decide(
            &self.definition,
            self.ticket(),
            who.actor(),
            action,
            input,
            self.facts(),
        )
    }

    pub fn try_act(
        &self,
        who: &Person,
        action: &str,
        value: Value,
        note: &str,
    ) -> Result<Decision, Refusal> {
        self.try_input(who, action, &input(value, note))
    }

    #[track_caller]
    pub fn act(&mut self, who: &Person, action: &str, value: Value, note: &str) -> Decision {
        let decision = self
            .try_act(who, action, value, note)
            .unwrap_or_else(|r| panic!("{action}: {} {:?}", r.message.zh, r.errors));
        self.keep(decision)
    }

    fn keep(&mut self, decision: Decision) -> Decision {
        self.state.clone_from(&decision.to_state);
        self.fields.clone_from(&decision.fields);
        self.history.push(decision.clone());
        decision
    }

    pub fn later(&mut self, minutes: i64) {
        self.now = self.now.checked_add(minutes.minutes()).unwrap();
    }

    pub fn offered(&self, who: &Person) -> Vec<AvailableAction> {
        available(&self.definition, self.ticket(), who.actor(), self.facts())
    }

    pub fn keys(&self, who: &Person) -> Vec<String> {
        self.offered(who).into_iter().map(|a| a.key).collect()
    }
}
