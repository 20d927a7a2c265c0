//! Some weeks of incidents: each is told step by step, at the instants it happened, to the door.

use std::collections::BTreeMap;

use anlan_core::process::Input;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cases::{CASES, Case, Way};
use super::cast::{Cast, Contact, Person};
use super::dice::Dice;
use crate::app::App;
use crate::features::monitors::rows::alerts;
use crate::features::tickets::{self, NewTicket, Step, Terms};
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::definitions::china;
use crate::platform::error::{Error, Result};

/// Incidents of the weeks behind.
const PAST: usize = 112;
/// Minutes ago, the place in [`CASES`], and whether it is solved and waits for the customer's word.
const OPEN: [(i64, usize, bool); 6] = [
    (3_000, 23, false),
    (1_500, 8, true),
    (900, 21, false),
    (380, 15, false),
    (150, 19, false),
    (45, 6, false),
];

/// One incident with what is done about it. A step lies in the future of an open one: it is left out.
pub struct Tale {
    begun: At,
    new: NewTicket,
    steps: Vec<(At, Step)>,
    /// The alert it came from.
    pub alert: Option<Uuid>,
}

/// Writes the incidents of the weeks before now and those of the outages, oldest first.
///
/// # Errors
/// When a step is refused or the store fails.
pub async fn write(
    tx: &mut Tx,
    app: &App,
    cast: &Cast,
    mut tales: Vec<Tale>,
    dice: &mut Dice,
) -> Result<()> {
    let terms = Terms::load(&tx.db, cast.project).await?;
    for number in 0..PAST {
        let begun = instant(tx.now, number, dice);
        if let (Some(case), Some(caller)) = (dice.pick(&CASES), dice.pick(&cast.contacts)) {
            let late = number % 16 == 5;
            tales.push(tale(cast, dice, case, caller, begun, late));
        }
    }
    for (minutes, place, solved) in OPEN {
        if let (Some(case), Some(caller)) = (CASES.get(place), dice.pick(&cast.contacts)) {
            let mut tale = tale(
                cast,
                dice,
                case,
                caller,
                tx.now.plus_seconds(-60 * minutes),
                false,
            );
            slow_down(&mut tale, tx.now, solved);
            tales.push(tale);
        }
    }
    tales.sort_by_key(|tale| tale.begun);
    for tale in tales {
        let alert = tale.alert;
        let ticket = tell(tx, app, &terms, tale).await?;
        if let Some(alert) = alert {
            alerts::Entity::update_many()
                .col_expr(alerts::Column::TicketId, Expr::value(ticket))
                .filter(alerts::Column::Id.eq(alert))
                .exec(&tx.db)
                .await?;
        }
    }
    Ok(())
}

/// Replays one tale as far as it has happened.
///
/// # Errors
/// When a step is refused, which would be a fault of the tale, or the store fails.
async fn tell(tx: &mut Tx, app: &App, terms: &Terms, tale: Tale) -> Result<Uuid> {
    let now = tx.now;
    let mut steps = tale.steps.into_iter();
    let mut refusal = None;
    let by = desk_name(&tale.new);
    let ticket = tickets::replay(tx, app, terms, &by, tale.new, |_, refused| {
        refusal = refusal.take().or(refused);
        let (at, step) = steps.next()?;
        (at <= now).then_some(step)
    })
    .await?;
    match refusal {
        Some(reason) => Err(Error::internal(format!(
            "demonstration, {}: {reason}",
            ticket.title
        ))),
        None => Ok(ticket.id),
    }
}

fn desk_name(new: &NewTicket) -> String {
    let channel = new.input.fields.get("channel").and_then(Value::as_str);
    if channel == Some("monitor") {
        "监控系统".into()
    } else {
        "陈静".into()
    }
}

/// Collects steps, each some minutes after the one before.
pub struct Script<'a> {
    /// The instant of the newest step.
    pub at: At,
    steps: Vec<(At, Step)>,
    dice: &'a mut Dice,
}

impl<'a> Script<'a> {
    /// Begins at an instant.
    pub fn new(at: At, dice: &'a mut Dice) -> Self {
        Self {
            at,
            steps: Vec::new(),
            dice,
        }
    }

    /// Somebody does something some minutes later.
    pub fn then(
        &mut self,
        minutes: (i64, i64),
        who: Option<&Person>,
        action: &str,
        note: &str,
        fields: Value,
    ) -> &mut Self {
        let seconds = self.dice.between(minutes.0 * 60, minutes.1 * 60);
        self.at = self.at.plus_seconds(seconds);
        let step = Step {
            by: who.map_or_else(|| "系统".into(), |person| person.user.name.clone()),
            account: who.map(|person| person.user.id),
            actions: vec![action.to_owned()],
            input: Input {
                fields: map(fields),
                note: (!note.is_empty()).then(|| note.to_owned()),
                happened_at: Some(self.at.timestamp()),
            },
        };
        self.steps.push((self.at, step));
        self
    }

    /// The tale.
    pub fn end(&mut self, begun: At, new: NewTicket) -> Tale {
        Tale {
            begun,
            new,
            steps: std::mem::take(&mut self.steps),
            alert: None,
        }
    }
}

/// Fields out of a JSON object.
pub fn map(fields: Value) -> BTreeMap<String, Value> {
    match fields {
        Value::Object(fields) => fields.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

/// Office hours of a working day, spread evenly over the weeks; now and then a weekend or an evening.
fn instant(now: At, number: usize, dice: &mut Dice) -> At {
    let zone = china();
    let today = now.timestamp().to_zoned(zone.clone()).date();
    let first = super::first_day(today);
    let days = i64::try_from(number * super::DAYS / PAST).unwrap_or_default();
    let mut day = first.saturating_add(jiff::Span::new().days(days));
    if weekend(day) && !dice.percent(15) {
        day = day.saturating_sub(jiff::Span::new().days(dice.between(2, 4)));
    }
    let minute = if dice.percent(6) {
        dice.between(19 * 60, 22 * 60)
    } else if dice.percent(60) {
        dice.between(8 * 60 + 55, 11 * 60 + 30)
    } else {
        dice.between(14 * 60, 17 * 60 + 20)
    };
    let midnight = day
        .to_zoned(zone)
        .map_or(Timestamp::UNIX_EPOCH, |at| at.timestamp());
    At::from(midnight).plus_seconds(minute * 60 + dice.between(0, 59))
}

fn weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// One incident from the call to the end.
fn tale(
    cast: &Cast,
    dice: &mut Dice,
    case: &Case,
    caller: &Contact,
    begun: At,
    late: bool,
) -> Tale {
    let channel = [
        "phone",
        "phone",
        "phone",
        "mobile",
        "email",
        "portal",
        "wechat",
        "inspection",
    ];
    let channel = dice.pick(&channel).copied().unwrap_or("phone");
    let new = NewTicket {
        process: "incident".into(),
        project: cast.project,
        input: Input {
            fields: map(json!({
                "title": case.title,
                "description": case.text, "type": case.kind, "category": case.category,
                "channel": channel, "system": case.system,
                "unit_id": caller.unit, "contact_id": caller.id,
                "caller_name": caller.name, "caller_phone": caller.phone,
                "caller_department": caller.department,
                "business_reason": if case.kind == "fault" { case.text } else { "" },
                "impact": case.weight.0, "urgency": case.weight.1,
            })),
            note: None,
            happened_at: Some(begun.timestamp()),
        },
        source: None,
    };
    let mut script = Script::new(begun, dice);
    let desk = cast.holding("service_desk");
    let slow = script.dice.percent(4);
    let respond = if slow { (11, 18) } else { (1, 8) };
    script.then(respond, desk, "accept", "", json!({}));
    match case.way {
        Way::Phone => {
            let helped = json!({ "phone_result": "helped", "effort": 10 });
            script.then((1, 12), desk, "phone_support", case.solution, helped);
        }
        Way::Remote => {
            dispatched(&mut script, cast, "first_line", 1);
            remote(&mut script, cast.holding("first_line"), case, caller);
        }
        Way::Onsite => {
            dispatched(&mut script, cast, "onsite_engineer", 1);
            let engineer = cast.holding("onsite_engineer");
            script.then((1, 4), engineer, "go_onsite", "", json!({}));
            script.then(
                (15, 55),
                engineer,
                "arrive",
                "",
                json!({ "arrived_as": "engineer" }),
            );
            handled(&mut script, engineer, case);
        }
        Way::Second => {
            dispatched(&mut script, cast, "first_line", 1);
            let engineer = if case.category == "database" {
                "dba"
            } else {
                "second_line"
            };
            second(&mut script, cast, engineer);
            remote(&mut script, cast.holding(engineer), case, caller);
        }
        Way::Third => {
            dispatched(&mut script, cast, "second_line", 2);
            vendor(&mut script, cast, case);
        }
    }
    if late {
        overdue(&mut script, cast);
    }
    settled(&mut script, cast, case, caller);
    script.end(begun, new)
}

fn dispatched(script: &mut Script, cast: &Cast, role: &str, line: usize) {
    let (desk, engineer) = (cast.holding("service_desk"), cast.holding(role));
    let id = engineer.map(|person| person.user.id);
    let group = cast.groups.get(line.saturating_sub(1));
    let to = json!({ "assignee": id, "group": group, "line": line });
    script.then((1, 5), desk, "dispatch", "", to);
    script.then((2, 14), engineer, "acknowledge", "", json!({}));
    let reached = json!({ "call_result": "reached" });
    script.then((2, 12), engineer, "call", "", reached);
}

fn second(script: &mut Script, cast: &Cast, role: &str) {
    let engineer = cast.holding(role);
    let group = cast.groups.get(1);
    let to = json!({ "group": group, "assignee": engineer.map(|person| person.user.id) });
    let note = "一线已排除终端和网络原因，需要后台分析。";
    script.then(
        (10, 30),
        cast.holding("first_line"),
        "second_line",
        note,
        to,
    );
    script.then((3, 15), engineer, "acknowledge", "", json!({}));
}

fn remote(script: &mut Script, engineer: Option<&Person>, case: &Case, caller: &Contact) {
    let at = script.at.plus_seconds(60);
    let consent = json!({ "remote_consent_by": caller.name, "remote_consent_at": at.to_string() });
    script.then((2, 6), engineer, "remote", "", consent);
    handled(script, engineer, case);
}

fn handled(script: &mut Script, engineer: Option<&Person>, case: &Case) {
    let found = json!({ "cause_category": case.cause_category, "cause": case.cause, "effort": 20 });
    script.then((5, 30), engineer, "diagnose", "", found);
    let backup =
        json!({ "backup_done": true, "backup_evidence": "备份服务器 /backup/demo，校验值已核对" });
    script.then((2, 8), engineer, "start_handling", "", backup);
}

fn vendor(script: &mut Script, cast: &Cast, case: &Case) {
    let engineer = cast.holding("second_line");
    let case_number = format!("SR-{}", script.dice.between(100_000, 999_999));
    let vendor = json!({ "vendor_name": "云溪数码原厂支持中心", "vendor_case": case_number, "group": cast.groups.get(2) });
    script.then(
        (5, 20),
        engineer,
        "third_line",
        "现象和日志已提交原厂。",
        vendor,
    );
    let wait = json!({ "vendor_name": "云溪数码原厂支持中心" });
    script.then(
        (5, 15),
        engineer,
        "wait_vendor",
        "等原厂分析并安排人员。",
        wait,
    );
    script.then((120, 420), engineer, "resume", "", json!({}));
    handled(script, engineer, case);
}

fn overdue(script: &mut Script, cast: &Cast) {
    let why = json!({
        "miss_reason": "需要在业务停办时段更新，当天没有窗口期。",
        "next_step": "约定次日 18:00 后更新并验证。",
    });
    let engineer = cast.holding("technical_manager");
    script.then((1_500, 2_400), engineer, "explain_overdue", "", why);
}

fn settled(script: &mut Script, cast: &Cast, case: &Case, caller: &Contact) {
    let line = match case.way {
        Way::Phone | Way::Remote | Way::Onsite => 1,
        Way::Second => 2,
        Way::Third => 3,
    };
    let engineer = match case.way {
        Way::Phone => "service_desk",
        Way::Remote => "first_line",
        Way::Onsite => "onsite_engineer",
        Way::Second if case.category == "database" => "dba",
        Way::Second | Way::Third => "second_line",
    };
    let solved = json!({
        "cause_category": case.cause_category, "cause": case.cause,
        "solution": case.solution, "resolved_line": line, "effort": 15,
    });
    script.then((2, 25), cast.holding(engineer), "resolve", "", solved);
    let mut confirmed = map(json!({ "confirmed_by": caller.name }));
    if script.dice.percent(30) {
        let rating = ["good", "good", "good", "fairly_good", "fairly_good", "fair"];
        let rating = script.dice.pick(&rating).copied().unwrap_or("good");
        confirmed.insert("satisfaction".into(), rating.into());
    }
    let desk = cast.holding("service_desk");
    let confirmed = Value::Object(confirmed.into_iter().collect());
    script.then((10, 120), desk, "record_confirmation", "", confirmed);
    let knowledge = script.dice.percent(15);
    let done =
        json!({ "close_archive": true, "close_ci_update": false, "close_knowledge": knowledge });
    script.then((5, 600), desk, "close", "", done);
}

/// An open incident is not closed meanwhile: what would settle it has not happened yet.
fn slow_down(tale: &mut Tale, now: At, solved: bool) {
    let ahead = now.plus_seconds(3600);
    let mut held = false;
    for (at, step) in &mut tale.steps {
        held |= step.actions.iter().any(|action| match action.as_str() {
            "resume" | "resolve" => !solved,
            "record_confirmation" | "close" => true,
            _ => false,
        });
        if held {
            *at = ahead;
        }
    }
}
