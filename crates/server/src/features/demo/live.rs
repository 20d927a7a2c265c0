//! What happens as the demonstration starts: by people with their own rights, who tell one another.

use anlan_core::process::Input;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::{Cast, Contact, Person};
use super::history::map;
use crate::app::App;
use crate::features::tickets::{self, Actor, NewTicket};
use crate::platform::access::access_of;
use crate::platform::db::Tx;
use crate::platform::error::Result;

/// Somebody with his own rights.
pub fn actor(app: &App, person: &Person) -> Actor {
    let access = access_of(app, std::slice::from_ref(&person.grant));
    Actor::account(&person.user, access)
}

/// Four calls of the last minutes: one waits to be accepted, one was accepted, one is dispatched and one is worked on.
///
/// # Errors
/// When the store fails.
pub async fn write(tx: &mut Tx, app: &App, cast: &Cast) -> Result<()> {
    let (Some(desk), Some(customer), Some(engineer), Some(onsite)) = (
        cast.holding("service_desk"),
        cast.holding("customer_contact"),
        cast.holding("first_line"),
        cast.holding("onsite_engineer"),
    ) else {
        return Ok(());
    };
    let [first, second, third, fourth, ..] = cast.contacts.as_slice() else {
        return Ok(());
    };
    let group = cast.groups.first();
    let to = |person: &Person| json!({ "assignee": person.user.id, "group": group, "line": 1 });
    call(
        tx,
        app,
        cast,
        customer,
        "portal",
        third,
        [
            "2 号窗口打印机卡纸",
            "打印受理单时反复卡纸，已清理仍不行。",
            "terminal",
            "政务服务大厅终端",
        ],
    )
    .await?;
    let ticket = call(
        tx,
        app,
        cast,
        desk,
        "phone",
        second,
        [
            "公文系统无法上传附件",
            "上传 20 MB 的附件时提示网络错误。",
            "application",
            "协同办公系统",
        ],
    )
    .await?;
    act(tx, app, desk, ticket, "accept", json!({})).await?;
    let ticket = call(
        tx,
        app,
        cast,
        desk,
        "phone",
        fourth,
        [
            "社保窗口读卡器无响应",
            "插入社保卡后系统无反应，窗口已停办。",
            "terminal",
            "社保申报系统",
        ],
    )
    .await?;
    act(tx, app, desk, ticket, "accept", json!({})).await?;
    act(tx, app, desk, ticket, "dispatch", to(onsite)).await?;
    let ticket = call(
        tx,
        app,
        cast,
        desk,
        "mobile",
        first,
        [
            "门户网站新闻页面显示错乱",
            "首页新闻列表样式丢失，手机上无法阅读。",
            "website",
            "门户网站",
        ],
    )
    .await?;
    act(tx, app, desk, ticket, "accept", json!({})).await?;
    act(tx, app, desk, ticket, "dispatch", to(engineer)).await?;
    act(tx, app, engineer, ticket, "acknowledge", json!({})).await
}

/// A call, registered with what the desk enters.
///
/// # Errors
/// When the store fails.
pub async fn call(
    tx: &mut Tx,
    app: &App,
    cast: &Cast,
    by: &Person,
    channel: &str,
    caller: &Contact,
    [title, text, category, system]: [&str; 4],
) -> Result<Uuid> {
    let fields = json!({
        "title": title, "description": text, "type": "fault", "category": category,
        "system": system, "channel": channel, "unit_id": caller.unit, "contact_id": caller.id,
        "caller_name": caller.name, "caller_phone": caller.phone,
        "caller_department": caller.department, "business_reason": text,
        "impact": 2, "urgency": 2,
    });
    let new = NewTicket {
        process: "incident".into(),
        project: cast.project,
        input: Input {
            fields: map(fields),
            note: None,
            happened_at: None,
        },
        source: None,
    };
    let written = tickets::create(tx, app, &actor(app, by), new).await?;
    Ok(written.ticket.id)
}

/// An action without a note; what is accepted is confirmed as it was entered.
///
/// # Errors
/// When the store fails.
pub async fn act(
    tx: &mut Tx,
    app: &App,
    by: &Person,
    ticket: Uuid,
    action: &str,
    mut fields: Value,
) -> Result<()> {
    if action == "accept" {
        // What the desk confirms as it was entered.
        let row = tickets::rows::tickets::Entity::find_by_id(ticket);
        if let Some(row) = sea_orm::Select::one(row, &tx.db).await? {
            fields = json!({
                "type": row.r#type, "category": row.category, "impact": row.impact,
                "urgency": row.urgency, "level": row.level,
            });
        }
    }
    let input = Input {
        fields: map(fields),
        note: None,
        happened_at: None,
    };
    tickets::act(tx, app, &actor(app, by), ticket, None, action, &input).await?;
    Ok(())
}
