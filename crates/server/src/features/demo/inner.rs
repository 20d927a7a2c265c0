//! What goes on inside: suppliers with their contracts, and work that was handed on to the second line
//! and to a vendor, so that its clocks can be watched.

use anlan_core::process::Input;
use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cast::{Cast, Person};
use super::history::map;
use super::live::{actor, call};
use crate::app::App;
use crate::features::suppliers::rows::{supplier_contracts, suppliers};
use crate::features::{suppliers as register, tickets};
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::Result;

/// A supplier with its one contract.
struct Supplied {
    name: &'static str,
    contact: &'static str,
    phone: &'static str,
    contract: &'static str,
    supports: &'static [&'static str],
    /// Days until the contract ends.
    days: i64,
}

const SUPPLIERS: [Supplied; 2] = [
    Supplied {
        name: "云溪电信政企服务中心",
        contact: "余经理",
        phone: "0579-86000086",
        contract: "YXDX-2026-017",
        supports: &["互联网专线", "政务外网"],
        days: 21,
    },
    Supplied {
        name: "恒远服务器技术服务有限公司",
        contact: "值班工程师",
        phone: "400-600-2688",
        contract: "HY-WB-2026-032",
        supports: &["服务器", "存储", "虚拟化平台"],
        days: 300,
    },
];

/// Writes the register, and the two tickets that were handed on.
///
/// # Errors
/// When the store fails.
pub async fn write(tx: &mut Tx, app: &App, cast: &Cast, today: Date) -> Result<()> {
    for one in &SUPPLIERS {
        write_supplier(tx, cast, today, one).await?;
    }
    let (Some(desk), Some(engineer)) = (cast.holding("service_desk"), cast.holding("first_line"))
    else {
        return Ok(());
    };
    let [.., fifth, sixth] = cast.contacts.as_slice() else {
        return Ok(());
    };
    let (slow, line) = (
        [
            "审批系统查询超时",
            "按项目编号查询要等一分多钟，高峰时直接报错。",
            "database",
            "工程审批系统",
        ],
        [
            "分局互联网专线时断时续",
            "每隔几分钟断一次，光猫指示灯正常。",
            "network",
            "政务外网互联网专线",
        ],
    );
    let ticket = call(tx, app, cast, desk, "phone", fifth, slow).await?;
    taken(tx, app, desk, engineer, ticket).await?;
    let second = json!({ "group": cast.groups.get(1) });
    let note = "已核对应用日志，慢在数据库查询，请二线分析执行计划。";
    act(tx, app, engineer, ticket, ("second_line", second, note)).await?;
    let ticket = call(tx, app, cast, desk, "mobile", sixth, line).await?;
    taken(tx, app, desk, engineer, ticket).await?;
    let vendor = json!({ "vendor_name": SUPPLIERS[0].name, "vendor_case": "DX1126-0381" });
    let note = "本端设备和线缆已排除，请运营商检查线路。";
    act(tx, app, engineer, ticket, ("third_line", vendor, note)).await
}

async fn write_supplier(tx: &mut Tx, cast: &Cast, today: Date, one: &Supplied) -> Result<()> {
    let id = Uuid::now_v7();
    let supplier = suppliers::Model {
        id,
        name: one.name.into(),
        contact: one.contact.into(),
        phone: one.phone.into(),
        email: String::new(),
        note: String::new(),
        active: true,
        created_at: tx.now,
        version: 1,
    };
    let ends = today.saturating_add(jiff::Span::new().days(one.days));
    let contract = supplier_contracts::Model {
        id: Uuid::now_v7(),
        supplier_id: id,
        number: one.contract.into(),
        project_id: Some(cast.project),
        supports: one.supports.join("\n"),
        calendar: "7x24".into(),
        respond: Some(1800),
        arrive: Some(4 * 3600),
        resolve: Some(24 * 3600),
        starts_on: Day::from(ends.saturating_sub(jiff::Span::new().years(1))),
        ends_on: Day::from(ends),
        created_at: tx.now,
        version: 1,
    };
    register::add(tx, supplier, vec![contract]).await
}

/// Accepted by the desk, taken by the engineer.
async fn taken(
    tx: &mut Tx,
    app: &App,
    desk: &Person,
    engineer: &Person,
    ticket: Uuid,
) -> Result<()> {
    super::live::act(tx, app, desk, ticket, "accept", json!({})).await?;
    super::live::act(tx, app, engineer, ticket, "take", json!({})).await
}

async fn act(
    tx: &mut Tx,
    app: &App,
    by: &Person,
    ticket: Uuid,
    (action, fields, note): (&str, Value, &str),
) -> Result<()> {
    let input = Input {
        fields: map(fields),
        note: Some(note.to_owned()),
        happened_at: None,
    };
    tickets::act(tx, app, &actor(app, by), ticket, None, action, &input).await?;
    Ok(())
}
