//! Who takes part: the customer with its units and contacts, the provider's staff, the contract.

use jiff::civil::Date;
use sea_orm::{EntityTrait, Set};
use uuid::Uuid;

use crate::features::people::rows::{contacts, group_members, groups, units};
use crate::features::projects::rows::{project_agreements, project_stages, projects};
use crate::platform::auth::rows::{grants, users};
use crate::platform::day::Day;
use crate::platform::db::Tx;
use crate::platform::error::Result;

/// Code, name and address of the units; the first is the customer itself.
const UNITS: [(&str, &str, &str); 6] = [
    (
        "YX-DSJ",
        "云溪市政务服务数据管理局",
        "云溪市政务中心 A 座 5 层",
    ),
    ("YX-DSJ-DT", "政务服务大厅", "云溪市政务中心 A 座 1 层"),
    ("YX-DSJ-XX", "信息中心", "云溪市政务中心 B 座 3 层"),
    ("YX-RSJ", "云溪市人力资源和社会保障局", "云溪市滨河路 18 号"),
    ("YX-SWJ", "云溪市税务局办税服务厅", "云溪市财富路 66 号"),
    ("YX-ZJJ", "云溪市住房和城乡建设局", "云溪市建设路 9 号"),
];

/// Unit, name, telephone, department, title, VIP.
const CONTACTS: [(usize, &str, &str, &str, &str, bool); 12] = [
    (0, "周建国", "0579-86210001", "局办公室", "副局长", true),
    (0, "林秀英", "0579-86210012", "局办公室", "主任科员", false),
    (1, "何佳", "0579-86210101", "综合窗口", "窗口组长", false),
    (1, "方敏", "0579-86210108", "社保窗口", "窗口人员", false),
    (2, "徐海涛", "0579-86210201", "信息中心", "主任", true),
    (2, "沈洁", "0579-86210205", "信息中心", "工程师", false),
    (3, "吴国平", "0579-86230016", "社保经办科", "科长", false),
    (3, "蒋丽", "0579-86230022", "档案室", "科员", false),
    (4, "郑晓东", "0579-86240033", "征收管理科", "副科长", false),
    (4, "潘虹", "0579-86240038", "办税服务厅", "窗口人员", false),
    (5, "姚立新", "0579-86250019", "审批科", "科长", false),
    (5, "童莉", "0579-86250027", "综合科", "科员", false),
];

/// Login, name, role, unit for people of the customer.
const STAFF: [(&str, &str, &str, Option<usize>); 14] = [
    ("chenjing", "陈静", "service_desk", None),
    ("wangfang", "王芳", "service_desk", None),
    ("liwei", "李伟", "first_line", None),
    ("zhaolei", "赵磊", "onsite_engineer", None),
    ("sunhao", "孙浩", "second_line", None),
    ("huangtao", "黄涛", "dba", None),
    ("qianjun", "钱军", "third_line", None),
    ("liumin", "刘敏", "technical_manager", None),
    ("zhanghua", "张华", "project_manager", None),
    ("mali", "马丽", "monitor_duty", None),
    ("xuhaitao", "徐海涛", "project_lead", Some(2)),
    ("hejia", "何佳", "customer_contact", Some(1)),
    ("guoqing", "郭青", "auditor", None),
    ("linxue", "林雪", "qa", None),
];

/// Name, line, leader, members; by place in [`STAFF`].
const GROUPS: [(&str, i32, usize, &[usize]); 3] = [
    ("服务台与一线支持组", 1, 0, &[0, 1, 2, 3]),
    ("二线技术组", 2, 7, &[4, 5, 7]),
    ("三线厂商支持组", 3, 7, &[6, 7]),
];

/// Somebody who calls.
#[derive(Clone, Debug)]
pub struct Contact {
    pub id: Uuid,
    pub unit: Uuid,
    pub name: &'static str,
    pub phone: &'static str,
    pub department: &'static str,
}

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    pub login: &'static str,
    pub user: users::Model,
    pub grant: grants::Model,
}

/// Everybody and everything the tales are about.
#[derive(Clone, Debug)]
pub struct Cast {
    pub project: Uuid,
    pub customer: Uuid,
    pub contacts: Vec<Contact>,
    pub staff: Vec<Person>,
    /// Support groups of the three lines.
    pub groups: Vec<Uuid>,
}

impl Cast {
    /// The first who holds a role.
    pub fn holding(&self, role: &str) -> Option<&Person> {
        self.staff.iter().find(|person| person.grant.role == role)
    }
}

/// Writes all of them. Everybody has the same password, of which `hash` is made.
///
/// # Errors
/// When the store fails.
pub async fn write(tx: &Tx, hash: &str, today: Date) -> Result<Cast> {
    let units = write_units(tx).await?;
    let contacts = write_contacts(tx, &units).await?;
    let (project, staff) = (Uuid::now_v7(), write_staff(tx, hash, &units).await?);
    write_project(tx, project, &units, &staff, today).await?;
    let staff = write_grants(tx, project, staff).await?;
    let groups = write_groups(tx, project, &staff).await?;
    let [customer, ..] = units;
    Ok(Cast {
        project,
        customer,
        contacts,
        staff,
        groups,
    })
}

async fn write_units(tx: &Tx) -> Result<[Uuid; UNITS.len()]> {
    let all = UNITS.map(|_| Uuid::now_v7());
    let [customer, ..] = all;
    let rows = all
        .into_iter()
        .zip(UNITS)
        .map(|(unit, (code, name, address))| {
            let below = code.starts_with("YX-DSJ-");
            let path = if below {
                format!("/{customer}/{unit}/")
            } else {
                format!("/{unit}/")
            };
            units::ActiveModel {
                id: Set(unit),
                code: Set(code.into()),
                name: Set(name.into()),
                parent_id: Set(below.then_some(customer)),
                path: Set(path),
                address: Set(address.into()),
                calendar: Set(None),
                active: Set(true),
                created_at: Set(tx.now),
                version: Set(1),
            }
        });
    units::Entity::insert_many(rows)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(all)
}

async fn write_contacts(tx: &Tx, units: &[Uuid]) -> Result<Vec<Contact>> {
    let mut all = Vec::new();
    let mut rows = Vec::new();
    for (unit, name, phone, department, title, vip) in CONTACTS {
        let Some(&unit) = units.get(unit) else {
            continue;
        };
        let id = Uuid::now_v7();
        all.push(Contact {
            id,
            unit,
            name,
            phone,
            department,
        });
        rows.push(contacts::ActiveModel {
            id: Set(id),
            unit_id: Set(unit),
            name: Set(name.into()),
            phone: Set(phone.into()),
            mobile: Set(String::new()),
            email: Set(String::new()),
            department: Set(department.into()),
            title: Set(title.into()),
            phone_digits: Set(crate::features::people::digits(phone)),
            mobile_digits: Set(String::new()),
            vip: Set(vip),
            active: Set(true),
            created_at: Set(tx.now),
            version: Set(1),
        });
    }
    contacts::Entity::insert_many(rows)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(all)
}

async fn write_staff(tx: &Tx, hash: &str, units: &[Uuid]) -> Result<Vec<users::Model>> {
    let person = |(login, name, _, unit): (&str, &str, &str, Option<usize>)| users::Model {
        id: Uuid::now_v7(),
        login: login.into(),
        name: name.into(),
        email: String::new(),
        phone: String::new(),
        unit_id: unit.and_then(|place| units.get(place)).copied(),
        language: "zh-CN".into(),
        password_hash: Some(hash.to_owned()),
        password_changed_at: tx.now,
        must_change_password: false,
        failed_attempts: 0,
        locked_until: None,
        active: true,
        last_login_at: None,
        created_at: tx.now,
        version: 1,
    };
    let all: Vec<users::Model> = STAFF.into_iter().map(person).collect();
    let rows = all.iter().cloned().map(users::ActiveModel::from);
    let rows = rows.map(sea_orm::ActiveModelTrait::reset_all);
    users::Entity::insert_many(rows)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(all)
}

async fn write_grants(tx: &Tx, project: Uuid, staff: Vec<users::Model>) -> Result<Vec<Person>> {
    let mut all = Vec::new();
    for ((login, _, role, unit), user) in STAFF.into_iter().zip(staff) {
        let (scope, scope_id) = match role {
            "auditor" => ("all", None),
            "customer_contact" if unit.is_some() => ("own", None),
            _ => ("project", Some(project)),
        };
        let grant = grants::Model {
            id: Uuid::now_v7(),
            user_id: user.id,
            role: role.into(),
            scope: scope.into(),
            scope_id,
            created_at: tx.now,
            created_by: None,
        };
        all.push(Person { login, user, grant });
    }
    let rows = all.iter().map(|person| person.grant.clone().into());
    let rows = rows.map(|row: grants::ActiveModel| sea_orm::ActiveModelTrait::reset_all(row));
    grants::Entity::insert_many(rows)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(all)
}

async fn write_groups(tx: &Tx, project: Uuid, staff: &[Person]) -> Result<Vec<Uuid>> {
    let id_of = |place: &usize| staff.get(*place).map(|person| person.user.id);
    let mut ids = Vec::new();
    for (name, line, leader, members) in GROUPS {
        let id = Uuid::now_v7();
        ids.push(id);
        let row = groups::ActiveModel {
            id: Set(id),
            project_id: Set(project),
            name: Set(name.into()),
            line: Set(line),
            leader_id: Set(id_of(&leader)),
            active: Set(true),
            created_at: Set(tx.now),
            version: Set(1),
            // The second line answers to the first within an hour and deals with it within a day's work.
            ola_respond: Set((line == 2).then_some(3600)),
            ola_resolve: Set((line == 2).then_some(8 * 3600)),
            ola_calendar: Set((line == 2).then(|| "office".to_owned())),
        };
        groups::Entity::insert(row)
            .exec_without_returning(&tx.db)
            .await?;
        let rows = members
            .iter()
            .filter_map(id_of)
            .map(|user| group_members::ActiveModel {
                group_id: Set(id),
                user_id: Set(user),
            });
        group_members::Entity::insert_many(rows)
            .exec_without_returning(&tx.db)
            .await?;
    }
    Ok(ids)
}

/// The contract: this year, trial run in January, agreement C from the first day.
async fn write_project(
    tx: &Tx,
    id: Uuid,
    units: &[Uuid],
    staff: &[users::Model],
    today: Date,
) -> Result<()> {
    // The weeks of history belong to the contract too, even early in January.
    let first = super::first_day(today);
    let (year, day) = (first.year(), |year, month, day| {
        Day::from(jiff::civil::date(year, month, day))
    });
    let id_of = |login: &str| staff.iter().find(|user| user.login == login).map(|u| u.id);
    let (starts, ends) = (day(year, 1, 1), day(today.year(), 12, 31));
    let project = projects::ActiveModel {
        id: Set(id),
        code: Set(format!("YX{year}")),
        name: Set(format!("云溪市政务门户网站及电子政务系统运维（{year}）")),
        customer_unit_id: Set(units.first().copied().unwrap_or_default()),
        provider_name: Set("安澜信息技术有限公司".into()),
        starts_on: Set(starts.clone()),
        ends_on: Set(ends.clone()),
        calendar: Set("office-lunch".into()),
        manager_id: Set(id_of("zhanghua")),
        customer_lead_id: Set(id_of("xuhaitao")),
        hotline: Set("0579-86210000".into()),
        active: Set(true),
        created_at: Set(tx.now),
        version: Set(1),
        availability_target: Set(None),
        outage_budget_hours: Set(Some(20)),
        outage_single_minutes: Set(Some(60)),
    };
    projects::Entity::insert(project)
        .exec_without_returning(&tx.db)
        .await?;
    let agreement = project_agreements::ActiveModel {
        id: Set(Uuid::now_v7()),
        project_id: Set(id),
        agreement: Set("C".into()),
        types: Set(String::new()),
        effective_from: Set(starts.clone()),
        effective_to: Set(None),
        created_at: Set(tx.now),
        created_by: Set(None),
    };
    project_agreements::Entity::insert(agreement)
        .exec_without_returning(&tx.db)
        .await?;
    let stages = [
        ("试运行", starts, day(year, 1, 31), false),
        ("正式运维", day(year, 2, 1), ends, true),
    ];
    let rows = stages
        .into_iter()
        .map(|(name, from, to, counted)| project_stages::ActiveModel {
            id: Set(Uuid::now_v7()),
            project_id: Set(id),
            name: Set(name.into()),
            starts_on: Set(from),
            ends_on: Set(to),
            sla_counted: Set(counted),
            version: Set(1),
        });
    project_stages::Entity::insert_many(rows)
        .exec_without_returning(&tx.db)
        .await?;
    Ok(())
}
