//! What is watched: the site, its metric history, and two outages of the past with their incidents.

use anlan_core::alert::{
    Circumstances, Event, EventKind, Rule, Sample as Look, State, Verdict, step,
};
use anlan_core::process::Input;
use anlan_core::schedule::Interval;
use anlan_series::Sample;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::Cast;
use super::dice::Dice;
use super::history::{Script, Tale, map};
use crate::app::App;
use crate::features::monitors::rows::{alert_events, alerts, monitor_states, monitors};
use crate::features::monitors::{prepare, series_of};
use crate::features::tickets::NewTicket;
use crate::platform::at::At;
use crate::platform::db::Tx;
use crate::platform::definitions::china;
use crate::platform::error::{Error, Result};
use crate::platform::events::{Change, Topic};

/// Seconds between the looks of the past.
const PACE: i64 = 60;
/// Days back for which every look is kept; before, one of five.
const FINE_DAYS: i64 = 14;
/// Samples written together.
const BATCH: usize = 50_000;
const MINUTE: i64 = 60;
/// The system that most is about.
const PORTAL: &str = "门户网站";
const DAY: i64 = 24 * 3600;

/// One monitor of the demonstration.
pub struct Target {
    name: &'static str,
    kind: &'static str,
    config: Value,
    group: &'static str,
    /// The system it is a check of.
    system: &'static str,
    /// Usual milliseconds of an answer at night.
    base: i64,
}

/// What is watched when the site listens on `port`. Pinging needs a permission that not every machine gives.
pub fn targets(port: u16) -> Vec<Target> {
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let target = |name, kind, config, (group, system), base| Target {
        name,
        kind,
        config,
        group,
        system,
        base,
    };
    vec![
        target(
            "门户网站首页",
            "http",
            json!({ "url": url("/"), "contains": ["云溪市"] }),
            ("门户网站", PORTAL),
            60,
        ),
        target(
            "网上办事大厅",
            "http",
            json!({ "url": url("/hall"), "contains": ["办事大厅"] }),
            ("电子政务", "网上办事大厅"),
            110,
        ),
        target(
            "门户网站端口",
            "tcp",
            json!({ "host": "127.0.0.1", "port": port }),
            ("门户网站", PORTAL),
            4,
        ),
        target(
            "门户网站服务器",
            "icmp",
            json!({ "host": "127.0.0.1", "packets": 3 }),
            ("主机", PORTAL),
            2,
        ),
    ]
}

/// Those of the targets that this machine can look at.
///
/// # Errors
/// When a configuration is refused.
pub async fn possible(app: &App, port: u16) -> Result<Vec<Target>> {
    let mut possible = Vec::new();
    for target in targets(port) {
        let (_, check) = prepare(target.kind, target.config.clone())?;
        let timeout = std::time::Duration::from_secs(2);
        if target.kind != "icmp" || app.monitors().prober.run(&check, timeout).await.is_up() {
            possible.push(target);
        }
    }
    Ok(possible)
}

/// An outage of the past.
struct Outage {
    /// Place of the monitor.
    target: usize,
    /// Days ago, and the minute of that day in China.
    days: i64,
    minute: i64,
    /// How many looks failed.
    looks: i64,
    code: &'static str,
    reason: &'static str,
    cause: &'static str,
    solution: &'static str,
}

const OUTAGES: [Outage; 2] = [
    Outage {
        target: 0,
        days: 11,
        minute: 9 * 60 + 12,
        looks: 26,
        code: "connect_refused",
        reason: "连接被拒绝",
        cause: "Web 服务进程因日志分区写满退出",
        solution: "备份后清理日志分区，重启服务，启用按天轮转。",
    },
    Outage {
        target: 1,
        days: 5,
        minute: 15 * 60 + 40,
        looks: 11,
        code: "http_status",
        reason: "状态码 502，应为 2xx",
        cause: "办事大厅应用发布后线程池耗尽",
        solution: "备份后回退到上一版本，修正线程池配置后重新发布。",
    },
];

impl Outage {
    fn began(&self, now: At) -> At {
        let today = now.timestamp().to_zoned(china()).date();
        let day = today.saturating_sub(jiff::Span::new().days(self.days));
        let midnight = day.to_zoned(china()).map(|at| At::from(at.timestamp()));
        midnight.unwrap_or(now).plus_seconds(self.minute * MINUTE)
    }

    fn ended(&self, now: At) -> At {
        self.began(now).plus_seconds(self.looks * PACE)
    }
}

/// Writes monitors and what happened to them; returns their ids, and the incidents of their outages to be told.
///
/// # Errors
/// When the store fails.
pub async fn write(
    tx: &mut Tx,
    cast: &Cast,
    targets: &[Target],
    dice: &mut Dice,
) -> Result<(Vec<Uuid>, Vec<Tale>)> {
    let (mut ids, mut tales) = (Vec::new(), Vec::new());
    for (position, target) in (0..).zip(targets) {
        let row = row(tx, cast.project, target, position)?;
        ids.push(row.insert(&tx.db).await?.id);
    }
    for outage in &OUTAGES {
        if let (Some(target), Some(id)) = (targets.get(outage.target), ids.get(outage.target)) {
            tales.push(past(tx, cast, (*id, target), outage, dice).await?);
        }
    }
    tx.changed(Change::in_project(
        Topic::Monitor,
        cast.project,
        cast.project,
    ));
    Ok((ids, tales))
}

fn row(tx: &Tx, project: Uuid, target: &Target, position: i32) -> Result<monitors::ActiveModel> {
    let (config, _) = prepare(target.kind, target.config.clone())?;
    let begun = begun(tx.now);
    Ok(monitors::ActiveModel {
        id: Set(Uuid::now_v7()),
        project_id: Set(project),
        name: Set(target.name.into()),
        kind: Set(target.kind.into()),
        target: Set(config.target()),
        config: Set(target.config.to_string()),
        interval_seconds: Set(15),
        timeout_seconds: Set(5),
        rule: Set(serde_json::to_string(&Rule::usual()).map_err(Error::internal)?),
        group_name: Set(target.group.into()),
        position: Set(position),
        system: Set(target.system.into()),
        parent_id: Set(None),
        enabled: Set(true),
        reference: Set(false),
        created_at: Set(begun),
        updated_at: Set(begun),
        version: Set(1),
        deleted_at: Set(None),
        counts: Set(target.kind != "icmp"),
    })
}

/// When the watching began: the first slot of the first day.
fn begun(now: At) -> At {
    let first = super::first_day(now.timestamp().to_zoned(china()).date());
    first
        .to_zoned(china())
        .map_or(now, |at| At::from(at.timestamp()))
}

/// An outage: the alert state machine sees the looks around it, its incident is told step by step.
async fn past(
    tx: &Tx,
    cast: &Cast,
    (monitor, target): (Uuid, &Target),
    outage: &Outage,
    dice: &mut Dice,
) -> Result<Tale> {
    let (began, ended) = (outage.began(tx.now), outage.ended(tx.now));
    let (state, events, told) = seen(outage, began, ended)?;
    for event in &events {
        let detail = serde_json::to_value(event).map_err(Error::internal)?;
        let kind = detail.get("event").and_then(Value::as_str);
        let row = alert_events::ActiveModel {
            id: Set(Uuid::now_v7()),
            monitor_id: Set(monitor),
            at: Set(event.at.into()),
            happened_at: Set(event.at.into()),
            kind: Set(kind.unwrap_or_default().to_owned()),
            detail: Set(detail.to_string()),
        };
        alert_events::Entity::insert(row)
            .exec_without_returning(&tx.db)
            .await?;
    }
    let opened = events
        .iter()
        .find(|event| matches!(event.kind, EventKind::Opened { .. }));
    let alert = alerts::ActiveModel {
        id: Set(Uuid::now_v7()),
        monitor_id: Set(monitor),
        project_id: Set(cast.project),
        number: Set(1),
        level: Set("critical".into()),
        began_at: Set(began),
        opened_at: Set(opened.map_or(began, |event| event.at.into())),
        recovered_at: Set(Some(ended)),
        reason: Set(outage.reason.into()),
        told: Set(serde_json::to_string(&told).map_err(Error::internal)?),
        ticket_id: Set(None),
    };
    let alert = alert.insert(&tx.db).await?;
    let row = monitor_states::ActiveModel {
        monitor_id: Set(monitor),
        state: Set(serde_json::to_string(&state).map_err(Error::internal)?),
        alert_id: Set(None),
        updated_at: Set(ended),
    };
    monitor_states::Entity::insert(row)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(incident(cast, target, outage, &alert, dice))
}

/// What the alert state machine makes of the outage: the looks a quarter of an hour before and after it.
fn seen(outage: &Outage, began: At, ended: At) -> Result<(State, Vec<Event>, Verdict)> {
    let interval = u32::try_from(PACE)
        .ok()
        .and_then(|pace| Interval::from_seconds(pace).ok())
        .ok_or_else(|| Error::internal("the demonstration's pace is no interval"))?;
    let rule = Rule::usual();
    let (mut state, mut events, mut told) = (State::default(), Vec::new(), Verdict::Silent);
    let mut at = began.plus_seconds(-15 * MINUTE);
    while at < ended.plus_seconds(15 * MINUTE) {
        let look = if at >= began && at < ended {
            Look::down(at.timestamp(), outage.code)
        } else {
            Look::up(at.timestamp(), Vec::new())
        };
        let around = Circumstances::clear(at.timestamp(), interval);
        let stepped = step(state, &look, &around, &rule);
        state = stepped.state;
        events.extend(stepped.events);
        if matches!(stepped.verdict, Verdict::Tell(_)) {
            told = stepped.verdict;
        }
        at = at.plus_seconds(PACE);
    }
    // Between then and now nothing happened; the next look is the first of this start.
    state.at = None;
    Ok((state, events, told))
}

fn incident(
    cast: &Cast,
    target: &Target,
    outage: &Outage,
    alert: &alerts::Model,
    dice: &mut Dice,
) -> Tale {
    let (began, opened) = (alert.began_at, alert.opened_at);
    let ended = alert.recovered_at.unwrap_or(opened);
    let new = NewTicket {
        process: "incident".into(),
        project: cast.project,
        input: Input {
            fields: map(json!({
                "title": format!("{}：{}", target.name, outage.reason),
                "description": format!("监控对象“{}”异常：{}", target.name, outage.reason),
                "type": "fault", "channel": "monitor", "caller_name": "监控系统",
                "category": "website", "system": target.system, "unit_id": cast.customer,
                "impact": 1, "urgency": 2, "interrupted": true,
                "outage_started_at": began.to_string(),
            })),
            note: None,
            happened_at: Some(began.timestamp()),
        },
        source: Some(("alert".into(), alert.id.to_string())),
    };
    let (duty, engineer) = (cast.holding("monitor_duty"), cast.holding("second_line"));
    let id = engineer.map(|person| person.user.id);
    let group = cast.groups.get(1);
    let mut script = Script::new(opened, dice);
    script
        .then((1, 2), duty, "accept", "", json!({}))
        .then(
            (1, 1),
            duty,
            "dispatch",
            "",
            json!({ "assignee": id, "group": group, "line": 2 }),
        )
        .then((1, 1), engineer, "acknowledge", "", json!({}))
        .then(
            (1, 1),
            engineer,
            "start_handling",
            "",
            json!({ "backup_done": true, "backup_evidence": "整站备份 /backup/portal，校验值已核对" }),
        );
    script.at = ended;
    let back = json!({ "outage_ended_at": ended.to_string() });
    let solved = json!({
        "cause_category": "environment", "cause": outage.cause, "solution": outage.solution,
        "resolved_line": 2, "outage_ended_at": ended.to_string(),
    });
    let confirmed = json!({ "confirmed_by": "徐海涛", "satisfaction": "good" });
    let done = json!({ "close_archive": true, "close_ci_update": false, "close_knowledge": true });
    let mut tale = script
        .then((0, 0), None, "monitor_recovered", "", back)
        .then((6, 15), engineer, "confirm_recovery", "", solved)
        .then(
            (20, 60),
            cast.holding("service_desk"),
            "record_confirmation",
            "",
            confirmed,
        )
        .then((30, 300), cast.holding("service_desk"), "close", "", done)
        .end(began, new);
    tale.alert = Some(alert.id);
    tale
}

/// Metric history from the first day until now, with the outages in it.
///
/// # Errors
/// When the history cannot be written.
pub async fn measure(app: &App, targets: Vec<Target>, ids: Vec<Uuid>, now: At) -> Result<()> {
    let store = std::sync::Arc::clone(&app.monitors().store);
    tokio::task::spawn_blocking(move || {
        let mut dice = Dice::new(2_026);
        let mut batch = Vec::with_capacity(BATCH);
        let mut at = begun(now);
        while at < now {
            for (place, (target, id)) in targets.iter().zip(&ids).enumerate() {
                look(&mut batch, (place, target, *id), at, now, &mut dice);
            }
            if batch.len() + 16 > BATCH {
                store.append(&batch).map(drop).map_err(Error::storage)?;
                batch.clear();
            }
            let fine = now.seconds_since(at) <= FINE_DAYS * DAY;
            at = at.plus_seconds(if fine { PACE } else { 5 * PACE });
        }
        store.append(&batch).map(drop).map_err(Error::storage)?;
        Ok(())
    })
    .await
    .map_err(Error::internal)?
}

/// The metrics of one look.
fn look(
    batch: &mut Vec<Sample>,
    (place, target, id): (usize, &Target, Uuid),
    at: At,
    now: At,
    dice: &mut Dice,
) {
    let down = OUTAGES
        .iter()
        .any(|outage| outage.target == place && at >= outage.began(now) && at < outage.ended(now));
    let mut put = |metric: &str, value: f64| {
        batch.push(Sample::new(series_of(id, metric), at.0, value));
    };
    put("up", if down { 0.0 } else { 1.0 });
    if down {
        return;
    }
    let total = answer(target.base, at, dice);
    put("response_ms", total);
    match target.kind {
        "http" => {
            let tenths = |share: f64| (total * share * 10.0).round() / 10.0;
            put("connect_ms", tenths(0.05));
            put("first_byte_ms", tenths(0.8));
        }
        "tcp" => put("connect_ms", total),
        _ => put("loss", 0.0),
    }
}

/// Milliseconds of an answer: slower in office hours, slowest in the middle of morning and afternoon.
fn answer(base: i64, at: At, dice: &mut Dice) -> f64 {
    let local = at.timestamp().to_zoned(china());
    let hour = i64::from(local.hour());
    let busy = match hour {
        9..=10 | 15 => 90,
        8 | 11 | 14 | 16..=17 => 60,
        12..=13 | 18..=20 => 25,
        _ => 0,
    };
    let quiet = if local.weekday().to_monday_one_offset() > 5 {
        4
    } else {
        1
    };
    let spike = if dice.percent(1) { base * 20 } else { 0 };
    let tenths = base * 10 + base * busy / 10 / quiet + dice.between(0, base * 3) + spike;
    // Tenths of a millisecond are small whole numbers.
    f64::from(i32::try_from(tenths).unwrap_or(i32::MAX)) / 10.0
}

/// The site listens on another port than at the last start: monitors that still look there follow.
///
/// # Errors
/// When the store fails.
pub async fn follow(tx: &mut Tx, project: Uuid, before: u16, port: u16) -> Result<()> {
    for (old, new) in targets(before).into_iter().zip(targets(port)) {
        let found = monitors::present()
            .filter(monitors::Column::ProjectId.eq(project))
            .filter(monitors::Column::Config.eq(old.config.to_string()))
            .all(&tx.db)
            .await?;
        for monitor in found {
            let (config, _) = prepare(new.kind, new.config.clone())?;
            let (id, version) = (monitor.id, monitor.version);
            let mut row = monitor.into_active_model();
            row.config = Set(new.config.to_string());
            row.target = Set(config.target());
            row.updated_at = Set(tx.now);
            row.version = Set(version + 1);
            row.update(&tx.db).await?;
            tx.changed(Change::in_project(Topic::Monitor, id, project));
        }
    }
    Ok(())
}
