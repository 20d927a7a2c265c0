//! A definition that is wrong is refused when it is loaded, with line, place and reason.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::desk::{Desk, INCIDENT, ROLES, input, person};
use crate::process::approval::Vote;
use crate::process::{Catalogue, CatalogueError, Definition, Fields, Input, RefusalCode, decide};

const YAML: &str = include_str!("../../../../../definitions/processes/incident.yaml");

/// What is said when `from` is replaced by `to` once.
#[track_caller]
fn complaint(from: &str, to: &str) -> String {
    assert!(YAML.contains(from), "{from}");
    Definition::parse(&YAML.replacen(from, to, 1), &ROLES)
        .expect_err("it must be refused")
        .to_string()
}

#[track_caller]
fn line_of(text: &str) -> usize {
    YAML[..YAML.find(text).unwrap()].lines().count() + 1
}

#[test]
fn mistakes_are_told_with_line_place_and_reason() {
    let cases = [
        // Names that do not exist.
        (
            "    to: accepted\n",
            "    to: acepted\n",
            "there is no state `acepted`, did you mean `accepted`?",
        ),
        (
            "    from: [new]\n",
            "    from: [neu]\n",
            "there is no state `neu`, did you mean `new`?",
        ),
        (
            "      category: required\n",
            "      categry: required\n",
            "there is no field `categry`, did you mean `category`?",
        ),
        (
            "[assignee, group_member, \"role:service_desk\"",
            "[asignee, group_member, \"role:service_desk\"",
            "`asignee` is nobody",
        ),
        (
            "\"role:technical_manager\", \"role:system_admin\"]",
            "\"role:technical_manger\"]",
            "there is no role `technical_manger`, did you mean `technical_manager`?",
        ),
        ("any: [desk, team]", "any: [disk, team]", "`disk` is nobody"),
        (
            "permission: ticket.create",
            "permission: ticket.destroy",
            "ticket.destroy",
        ),
        (
            "link: duplicate, field",
            "link: duplicates, field",
            "there is no link `duplicates`",
        ),
        (
            "except: [confirm, deny",
            "except: [confrm, deny",
            "there is no action `confrm`",
        ),
        (
            "events: [acknowledged]",
            "events: [acknowleged]",
            "unknown event `acknowleged`",
        ),
        (
            "  rows: impact",
            "  rows: impakt",
            "`impakt` is not a field of kind scale",
        ),
        (
            "negotiate: { target: resolve,",
            "negotiate: { target: resolv,",
            "there is no target `resolv`, did you mean `resolve`?",
        ),
        // Conditions.
        (
            "level.serious || fields.major == true",
            "level.serius || fields.major == true",
            "unknown name `level.serius`, did you mean `level.serious`?",
        ),
        (
            "'resolve' in breached",
            "'resolve' in",
            "not a valid expression",
        ),
        (
            "fields.impact == 1 && fields.urgency == 1",
            "fields.impact < 2",
            "tried on an empty record",
        ),
        (
            "when: \"fields.recovered_at != null\"",
            "when: \"fields.title\"",
            "instead of true or false",
        ),
        (
            "size(breached) > 0",
            "breached.exists(b, b == 'x')",
            "unknown name",
        ),
        // Shapes.
        ("    kind: primary\n", "    kind: big\n", "big"),
        (
            "    note: required\n",
            "    note: yes please\n",
            "yes please",
        ),
        ("    kind: long_text\n", "    kind: novel\n", "novel"),
        (
            "      level: optional\n",
            "      level: maybe\n",
            "neither `required` nor `optional`",
        ),
        (
            "    max: 120\n",
            "    max: 120\n    colour: red\n",
            "colour",
        ),
        ("    max: 120\n", "    max: 0\n", "`max` must lie between"),
        (
            "number: \"INC-{year}-{seq:6}\"",
            "number: \"INC\"",
            "exactly one {seq:n}",
        ),
        ("version: 3", "version: 0", "versions count from 1"),
        (
            "name: { zh: 受理, en: Accept }",
            "name: { zh: 受理 }",
            "missing field `en`",
        ),
        (
            "name: { zh: 受理, en: Accept }",
            "name: { zh: 受理, en: \"\" }",
            "both languages",
        ),
        // Sense.
        (
            "    - [3, 4, 5]",
            "    - [3, 4]",
            "needs 3 rows of 3 values",
        ),
        (
            "    - [3, 4, 5]",
            "    - [3, 4, 9]",
            "9 is no option of `priority`",
        ),
        (
            "    default: fault\n",
            "    default: crash\n",
            "does not suit field `type`",
        ),
        (
            "      impact: required\n",
            "      impact: required\n      priority: optional\n",
            "computed and cannot be entered",
        ),
        (
            "  title:\n    name: { zh: 标题, en: Title }\n    kind: text",
            "  title:\n    name: { zh: 标题, en: Title }\n    kind: long_text",
            "the platform reads `title` itself",
        ),
        (
            "{ need: required, default: reached }",
            "{ need: required, default: rached }",
            "does not suit field `call_result`",
        ),
        ("copy: recovered_at", "copy: title", "holds something else"),
        (
            "due_hours: 72, percent: 20 }",
            "due_hours: 72, percent: 120 }",
            "percent is from 1 to 100",
        ),
        (
            "finish: { tasks: [satisfaction] }",
            "finish: { tasks: [satisfacton] }",
            "there is no task `satisfacton`, did you mean `satisfaction`?",
        ),
        (
            "finish: { tasks: [second_line.respond] }",
            "finish: { tasks: [second_line.repond] }",
            "there is no task `second_line.repond`",
        ),
        (
            "Second-line support }, by: group }",
            "Second-line support }, to: [assignee] }",
            "says when a task is due",
        ),
        (
            "set: { field: handling_mode, to: remote }",
            "set: { field: handling_mode, to: flying }",
            "does not suit field `handling_mode`",
        ),
        (
            "set: { field: assignee, from: actor }",
            "set: { field: assignee }",
            "needs either `to`",
        ),
        (
            "negotiate: { target: resolve, at: agreed_at",
            "negotiate: { target: resolve, at: agreed_by",
            "must be of kind",
        ),
    ];
    for (from, to, reason) in cases {
        let said = complaint(from, to);
        assert!(said.contains(reason), "{to:?} gave\n{said}");
        assert!(
            said.lines().count() <= 12,
            "one mistake is not a flood: {said}"
        );
    }
}

#[test]
fn the_line_is_the_one_to_look_at() {
    let said = complaint("    to: accepted\n", "    to: acepted\n");
    let want = format!(
        "line {}, actions.accept.to:",
        line_of("  accept:\n    name")
    );
    assert!(said.contains(&want), "{said}");
    let condition = "level.serious || fields.major == true";
    let said = complaint(condition, "level.serius");
    assert!(
        said.contains(&format!("line {}", line_of(condition) - 1))
            || said.contains(&format!("line {}", line_of(condition))),
        "{said}"
    );
}

#[test]
fn dead_ends_and_unreachable_states_are_found() {
    let more = "  limbo: { name: { zh: 无人问津, en: Limbo }, kind: open, clock: running }\n";
    let said = complaint("  closed: { name", &format!("{more}  closed: {{ name"));
    assert!(
        said.contains("states.limbo: no action leads to this state"),
        "{said}"
    );
    // Nothing leads out of it any more, since no action starts from all open states without naming them.
    let small = include_str!("small.yaml").replace("from: [open, parked]", "from: [open]");
    let said = Definition::parse(&small, &ROLES).unwrap_err().to_string();
    assert!(
        said.contains("states.parked: from this state a record can never be closed"),
        "{said}"
    );
}

#[test]
fn a_field_nothing_fills_is_found() {
    let field = "  colour:\n    name: { zh: 颜色, en: Colour }\n    kind: text\n";
    let said = complaint("  title:\n", &format!("{field}  title:\n"));
    assert!(
        said.contains("fields.colour: nothing ever fills this field"),
        "{said}"
    );
}

#[test]
fn hostile_files_are_refused_quickly() {
    for yaml in [
        "",
        "[]",
        "null",
        "key: incident",
        "\u{0}",
        "a: &a [*a]",
        "{{{{{{",
        "key: !!binary x",
        "- - - -",
        "key: [[[[[[[[[[[[[[[[",
    ] {
        assert!(Definition::parse(yaml, &ROLES).is_err(), "{yaml}");
    }
    let bomb = format!("key: {}x{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Definition::parse(&bomb, &ROLES).is_err());
    assert!(Definition::parse(&"a: b\n".repeat(200_000), &ROLES).is_err());
}

#[test]
fn the_hash_follows_the_content_and_not_the_layout() {
    let commented = format!(
        "# 说明\n{}",
        YAML.replace("# ── 来源与报告人（F-01 第 1 栏）──", "# 一栏")
    );
    let same = Definition::parse(&commented, &ROLES).unwrap();
    assert_eq!(same.hash(), INCIDENT.hash());
    let other = Definition::parse(&YAML.replacen("- [3, 4, 5]", "- [3, 3, 5]", 1), &ROLES).unwrap();
    assert_ne!(other.hash(), INCIDENT.hash());
    assert_eq!(INCIDENT.hash().len(), 64);
}

#[test]
fn a_record_keeps_the_version_it_began_with() {
    let mut catalogue = Catalogue::default();
    catalogue.add(Arc::clone(&INCIDENT)).unwrap();
    catalogue.add(Arc::clone(&INCIDENT)).unwrap();
    let changed = YAML.replacen("- [2, 3, 4]", "- [1, 1, 1]", 1);
    let same_number = Definition::parse(&changed, &ROLES).unwrap();
    assert_eq!(
        catalogue.add(same_number),
        Err(CatalogueError::SameVersion {
            key: "incident".into(),
            version: INCIDENT.version()
        })
    );
    let second =
        Definition::parse(&changed.replacen("version: 3", "version: 4", 1), &ROLES).unwrap();
    catalogue.add(second).unwrap();
    assert_eq!(catalogue.newest("incident").unwrap().version(), 4);
    let mut old = Desk::with_call();
    old.definition = Arc::clone(catalogue.get("incident", 3).unwrap());
    let mut new = Desk {
        definition: Arc::clone(catalogue.newest("incident").unwrap()),
        ..Desk::default()
    };
    new.register(&person("service_desk", 1), input(super::desk::call(), ""))
        .unwrap();
    let classify = json!({"type": "fault", "category": "website", "impact": 2, "urgency": 3});
    old.act(
        &person("service_desk", 1),
        "reclassify",
        classify.clone(),
        "",
    );
    new.act(&person("service_desk", 1), "reclassify", classify, "");
    assert_eq!(
        (&old.fields["priority"], &new.fields["priority"]),
        (&json!(4), &json!(1))
    );
    assert_eq!(
        (
            catalogue.all().len(),
            catalogue.get("incident", 5).is_none(),
            catalogue.newest("change").is_none()
        ),
        (1, true, true)
    );
}

#[test]
fn an_action_waits_for_its_approval() {
    let definition = Definition::parse(include_str!("small.yaml"), &ROLES).unwrap();
    let (desk, manager) = (Desk::default(), person("project_manager", 1));
    let fields: Fields = [("title".to_owned(), json!("扩容"))].into();
    let at = |votes: &[Vote]| {
        let ticket = crate::process::Ticket {
            state: "open",
            fields: &fields,
            reported_at: desk.now,
            votes,
            attachments: 0,
            reopened: 0,
        };
        decide(
            &definition,
            ticket,
            manager.actor(),
            "execute",
            &Input::default(),
            desk.facts(),
        )
    };
    let refusal = at(&[]).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.rule.as_deref()),
        (RefusalCode::NotApproved, Some("plan"))
    );
    assert!(
        refusal.message.zh.contains("客户批准"),
        "{}",
        refusal.message.zh
    );
    let vote = |agreed| Vote {
        approval: "plan".into(),
        step: "customer".into(),
        role: "customer_lead".into(),
        user: Uuid::nil(),
        agreed,
        at: desk.now,
    };
    assert_eq!(
        at(&[vote(false)]).unwrap_err().code,
        RefusalCode::NotApproved
    );
    let done = at(&[vote(true)]).unwrap();
    assert_eq!(
        (done.to_state.as_str(), &done.fields["length"]),
        ("done", &json!(6)),
        "a formula follows what the action sets"
    );
    let offered = crate::process::available(
        &definition,
        crate::process::Ticket {
            state: "open",
            fields: &fields,
            reported_at: desk.now,
            votes: &[],
            attachments: 0,
            reopened: 0,
        },
        manager.actor(),
        desk.facts(),
    );
    let execute = offered.iter().find(|a| a.key == "execute").unwrap();
    assert!(execute.blocked.as_ref().unwrap().zh.contains("尚未批准"));
}

/// What the guide shows can be copied and used.
#[test]
fn the_example_of_the_guide_works() {
    let guide = include_str!("../../../../../docs/DEFINITIONS.md");
    let example = guide
        .split("```yaml\n")
        .find(|block| block.starts_with("key: "))
        .unwrap();
    let example = example.split("```").next().unwrap();
    let definition = Definition::parse(example, &ROLES).unwrap_or_else(|e| panic!("{e}"));
    let mut desk = Desk {
        definition,
        ..Desk::default()
    };
    let manager = person("project_manager", 1);
    desk.register(
        &manager,
        input(json!({"title": "硬盘", "return_on": "2026-12-01"}), ""),
    )
    .unwrap();
    assert_eq!(desk.fields["count"], json!(1));
    desk.act(&manager, "lend", json!({}), "");
    let refusal = desk
        .try_act(&manager, "take_back", json!({"damaged": true}), "")
        .unwrap_err();
    assert_eq!(refusal.rule.as_deref(), Some("describe_damage"));
    desk.act(&manager, "take_back", json!({}), "");
    assert_eq!(desk.state, "returned");
    let number = desk.definition.number();
    assert_eq!(
        number.format(&number.series(jiff::civil::date(2026, 11, 22)), 7),
        "备借-2026-0007"
    );
}

/// The guide explains every word there is.
#[test]
fn the_guide_is_complete() {
    let guide = include_str!("../../../../../docs/DEFINITIONS.md");
    for event in crate::process::Event::ALL {
        assert!(guide.contains(&format!("`{event}`")), "event {event}");
    }
    let words = "text long_text choice scale bool integer instant date phone email user group unit contact ci ticket \
        required_when visible_when computed options_from set clear notify remind task finish negotiate link percent by due_hours not_needed by_hand \
        all_open all_waiting all_resolved all_closed minutes_open breached attachments reopened recovered";
    for word in words.split_whitespace() {
        assert!(guide.contains(&format!("`{word}")), "{word}");
    }
}
