//! What a rule may say, and how it is told from another.

use super::*;

#[test]
fn rules_name_the_field_that_is_wrong() {
    let fault = |change: fn(&mut Rule)| {
        let mut rule = rule();
        change(&mut rule);
        rule.check().unwrap_err().remove(0)
    };
    let error = |field: &str, code| RuleError {
        field: field.into(),
        code,
    };
    assert_eq!(
        fault(|r| r.conditions.clear()),
        error("conditions", "required")
    );
    assert_eq!(
        fault(|r| r.recover_after = 0),
        error("recover_after", "out_of_range")
    );
    assert_eq!(
        fault(|r| r.conditions[1].bad = 33),
        error("conditions[1].bad", "out_of_range")
    );
    assert_eq!(
        fault(|r| r.conditions[1].of = Some(1)),
        error("conditions[1].of", "out_of_range")
    );
    assert_eq!(
        fault(|r| r.conditions[2].when = slower_than(1.0, 2.0)),
        error("conditions[2].when.recover", "wrong_side")
    );
    assert_eq!(
        fault(|r| r.flapping = Some(Flapping { high: 20, low: 30 })),
        error("flapping.low", "above_high")
    );
    let strict = r#"{"conditions":[{"level":"critical","when":{"kind":"down","onyl":[]}}]}"#;
    assert!(
        serde_json::from_str::<Rule>(strict)
            .unwrap_err()
            .to_string()
            .contains("onyl")
    );
    let short = r#"{"conditions":[{"level":"critical","when":{"kind":"down"}}]}"#;
    assert_eq!(serde_json::from_str::<Rule>(short).unwrap(), Rule::usual());
}

#[test]
fn a_fingerprint_tells_rules_apart_and_never_changes_between_releases() {
    let changes: [fn(&mut Rule); 9] = [
        |_| {},
        |r| r.conditions[0].level = Warning,
        |r| r.conditions[0].bad = 4,
        |r| r.conditions[0].of = Some(5),
        |r| r.conditions[0].outage = Some(true),
        |r| {
            r.conditions[0].when = When::Down {
                only: vec!["keyword_missing".into()],
                except: vec![],
            }
        },
        |r| r.conditions[1].when = slower_than(8_000.0, 7_999.0),
        |r| {
            r.conditions[1].when = When::Below {
                metric: "response_ms".into(),
                value: 8_000.0,
                recover: Some(8_000.0),
            }
        },
        |r| r.conditions.swap(0, 1),
    ];
    let print = |change: &fn(&mut Rule)| {
        let mut rule = rule();
        change(&mut rule);
        rule.fingerprint()
    };
    let all: std::collections::BTreeSet<u32> = changes.iter().map(print).collect();
    assert_eq!(all.len(), changes.len());
    let mut same = rule();
    (same.recover_after, same.flapping) = (9, None);
    assert_eq!(
        same.fingerprint(),
        rule().fingerprint(),
        "counters outlive what does not change their meaning"
    );
    assert_eq!(Rule::usual().fingerprint(), 4_186_920_763);
}

#[test]
fn a_healthy_state_is_small_and_does_not_change() {
    let mut run = Run::new(rule());
    run.feed(&".".repeat(50));
    let mut before = run.state.clone();
    assert!(
        serde_json::to_string(&before).unwrap().len() < 200,
        "{}",
        serde_json::to_string(&before).unwrap()
    );
    run.feed(".");
    before.at = run.state.at;
    assert_eq!(run.state, before);
}
