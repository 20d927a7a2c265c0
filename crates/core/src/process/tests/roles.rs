use serde_json::json;
use uuid::Uuid;

use super::desk::{Desk, ROLES, person};
use crate::access::{Permission, ScopeKind};
use crate::process::RefusalCode;

#[test]
fn r346_every_role_of_the_field_is_there_after_install() {
    let names: Vec<&str> = ROLES.roles.iter().map(|r| r.name.as_str()).collect();
    for role in [
        "客户负责人",
        "项目负责人",
        "业务关系负责人",
        "项目接口人",
        "项目协调人",
        "应用系统使用部门",
        "运维（项目）经理",
        "驻场工程师",
        "待命工程师",
        "服务台值班",
        "一线支持",
        "二线支持",
        "三线支持",
        "版本管理员",
        "配置管理员",
        "配置操作员",
        "配置维护员",
        "文档管理岗",
        "问题管理负责人",
        "问题负责人",
        "变更负责人",
        "开发经理",
        "模块负责人",
        "测试组",
        "质量保证（QA）",
        "监理",
        "技术专家",
        "数据库工程师",
        "总指挥",
        "副总指挥",
        "系统管理员",
        "安全管理员",
        "审计员",
        "监控值班",
        "客户联系人",
    ] {
        assert!(names.contains(&role), "{role}");
    }
    for role in &ROLES.roles {
        assert!(
            !role.description.is_empty() && !role.name_en.is_empty(),
            "{}",
            role.key
        );
        let all = role.permissions.contains(&Permission::TicketAct)
            || role.permissions.contains(&Permission::TicketConfirm);
        assert!(
            !all || role.permissions.contains(&Permission::TicketRead),
            "{} acts on what it cannot see",
            role.key
        );
    }
}

#[test]
fn r371_the_auditor_reads_everything_and_writes_nothing() {
    let auditor = ROLES.get("auditor").unwrap();
    assert!(
        auditor.permissions.iter().all(|p| !p.writes()),
        "{:?}",
        auditor.permissions
    );
    let reading: Vec<_> = Permission::ALL.iter().filter(|p| !p.writes()).collect();
    assert!(
        reading.iter().all(|p| auditor.permissions.contains(p)),
        "all of {reading:?}"
    );
    assert_eq!(auditor.usual_scope, ScopeKind::All);
    // Nor does any state offer or accept an action from them.
    let auditor = person("auditor", 1);
    let mut desk = Desk::with_call();
    for state in crate::process::tests::desk::INCIDENT.file().states.keys() {
        state.clone_into(&mut desk.state);
        assert!(desk.keys(&auditor).is_empty(), "{state}");
    }
    assert_eq!(
        desk.try_act(&auditor, "add_note", json!({}), "x")
            .unwrap_err()
            .code,
        RefusalCode::NotAllowed
    );
}

#[test]
fn r105_the_supervisor_sees_but_cannot_edit() {
    assert!(
        ROLES
            .get("supervisor")
            .unwrap()
            .permissions
            .iter()
            .all(|p| !p.writes())
    );
}

#[test]
fn administration_and_authorisation_can_be_kept_apart() {
    let security = &ROLES.get("security_admin").unwrap().permissions;
    assert!(
        security.contains(&Permission::AccessManage)
            && !security.contains(&Permission::SettingsManage)
    );
    let who_authorises: Vec<_> = ROLES
        .roles
        .iter()
        .filter(|r| r.permissions.contains(&Permission::AccessManage))
        .map(|r| r.key.as_str())
        .collect();
    assert_eq!(who_authorises, ["system_admin", "security_admin"]);
}

#[test]
fn an_engineer_of_another_group_does_not_work_on_it() {
    let mut desk = Desk::with_call();
    let (dispatcher, other) = (person("service_desk", 1), person("second_line", 8));
    desk.act(
        &dispatcher,
        "accept",
        json!({"category": "website", "level": "l3"}),
        "",
    );
    desk.act(
        &dispatcher,
        "dispatch",
        json!({"assignee": Uuid::from_u128(2).to_string()}),
        "",
    );
    assert_eq!(
        desk.try_act(&other, "acknowledge", json!({}), "")
            .unwrap_err()
            .code,
        RefusalCode::NotAllowed
    );
    assert_eq!(desk.keys(&other), ["add_note"]);
    let mut colleague = other.clone();
    colleague.group_member = true;
    assert!(desk.keys(&colleague).contains(&"acknowledge".to_owned()));
}
