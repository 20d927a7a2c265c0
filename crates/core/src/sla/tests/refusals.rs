//! Agreement files that cannot be right are refused, with line, field and reason.

use super::{agreements, nine_to_six};
use crate::sla::Agreements;

fn file(body: &str) -> String {
    format!(
        "kind: agreement\nkey: X\nname: {{zh: 甲, en: A}}\nsummary: {{zh: 甲, en: A}}\n{body}\n"
    )
}

#[test]
#[rustfmt::skip]
fn each_mistake_names_its_line_field_and_reason() {
    let level = "levels:\n  高:\n    name: {zh: 高, en: High}\n    definition: {zh: 高, en: High}\n";
    let table: &[(String, u64, &str, &str)] = &[
        (file("all:\n  respond: {within: -5m}"), 6, "all.respond.within", "negative"),
        (file("all:\n  respond: {within: soon}"), 6, "all.respond.within", "not a length"),
        (file("all:\n  respond: {within: 9999w}"), 6, "all.respond.within", "ten years"),
        (file("all:\n  respond: {}"), 6, "all.respond", "by when"),
        (file("all:\n  respond: {within: 5m, working: 5m, nonworking: 1h}"), 6, "all.respond", "either within"),
        (file("all:\n  respond: {within: 5m, calendar: offise}"), 6, "all.respond.calendar", "did you mean `office`"),
        (file("all:\n  respond: {within: 5m, hours: lunch}"), 6, "all.respond.hours", "no calendar `lunch`"),
        (file("all:\n  resolve: {within: 2d, calendar: office}"), 6, "all.resolve.within", "days of 24 hours"),
        (file("all:\n  resolve: {within: 2wd, calendar: office}"), 6, "all.resolve.calendar", "around the clock"),
        (file("all:\n  resolve: {within: 2h, until: day_end}"), 6, "all.resolve.until", "same_day"),
        (file("all:\n  resolv: {within: 2h}"), 6, "all.resolv", "did you mean `resolve`"),
        (file("all:\n  resolve: {within: 2h, colour: red}"), 6, "", "colour"),
        (file("all:\n  resolve: {within: 2h, from: resolvd}"), 6, "all.resolve.from", "did you mean `resolved`"),
        (file("all:\n  resolve: {within: 2h, stop: [finished]}"), 6, "all.resolve.stop", "unknown event"),
        (file("all:\n  resolve: {within: 2h, each: true}"), 6, "all.resolve.each", "only goes with"),
        (file("all:\n  arrive: {within: 2h, from: breach of resolve}"), 0, "all.arrive", "not promised here"),
        (file("all:\n  resolve: {within: 1h}\n  arrive: {within: 2h, from: breach of resolve}\n  plan: {within: 1h, from: breach of arrive}"), 0, "all.plan", "itself starts"),
        (file("all:\n  resolve: {within: 2h, ladder: [{at: 100%, tell: [a]}]}"), 6, "all.resolve.ladder[0].at", "percentage"),
        (file("all:\n  resolve: {within: 2h, ladder: [{at: breach-5m, tell: [a]}]}"), 6, "all.resolve.ladder[0].at", "point of a clock"),
        (file("all:\n  resolve: {within: 2h, ladder: [{at: breach}]}"), 6, "all.resolve.ladder[0].tell", "nobody"),
        (file("all:\n  resolve: {within: 2h, ladder: [{at: breach, tell: [a], every: 5m}]}"), 6, "all.resolve.ladder[0]", "go together"),
        (file("all:\n  resolve: {within: 2h, ladder: [{at: breach, tell: [a], every: 5s, times: 9}]}"), 6, "all.resolve.ladder[0]", "minute apart"),
        (file("all:\n  resolve: {within: 2h}\n  resolve: {within: 3h}"), 7, "", "duplicate"),
        (file("uses: [escalaton]"), 5, "uses", "did you mean `escalation`"),
        (file("accept: 8x5"), 5, "accept", "no calendar"),
        (file("version: 0"), 0, "version", "from 1"),
        (file(&format!("{level}    targets: {{resolve: {{within: -1h}}}}")), 9, "levels.高.targets.resolve.within", "negative"),
        (file(&format!("{level}    priorities: [6]")), 0, "levels.高.priorities", "1 to 5"),
        (file(&format!("{level}    priorities: [2, 2]")), 0, "levels.高.priorities", "two levels"),
        (file(&format!("{level}    for: [{{}}]")), 0, "levels.高.for", "neither types nor categories"),
        (file(&format!("{level}    for: [{{types: [a], categories: [x, y]}}, {{types: [b, a], categories: [y]}}]")), 0, "levels.高.for", "type a, category y proposes two levels"),
        (file(&format!("{level}    for: [{{kinds: [a]}}]")), 9, "", "kinds"),
        (file(&format!("{level}reclassify: [{{from: 高, to: 低, outage: 1h}}]")), 9, "reclassify[0].to", "no level"),
        (file("levels:\n  高: {name: {zh: 高, en: ''}, definition: {zh: 高, en: H}}"), 6, "levels.高.name", "zh and en"),
        (file("").replace("kind: agreement", "kind: contract"), 1, "kind", "neither"),
        (file("").replace("key: X", "key: 甲 乙"), 2, "key", "not a key"),
        (file(level).replace("kind: agreement", "kind: preset"), 1, "kind", "belong to agreements"),
    ];
    for (text, line, field, reason) in table {
        let problems = agreements().parse(text, nine_to_six()).unwrap_err();
        let found = problems.0.iter().any(|p| p.line == *line && p.path == *field && p.reason.contains(reason));
        assert!(found, "{text}\n{problems:?}");
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    let text = file("accept: nowhere\nall:\n  respond: {within: -1m}\n  resolve: {within: x}");
    assert_eq!(
        agreements()
            .parse(&text, nine_to_six())
            .unwrap_err()
            .0
            .len(),
        3
    );
}

#[test]
fn two_files_may_not_share_a_key() {
    let text = file("all:\n  respond: {within: 1m}");
    let bad = Agreements::load(
        [("a.yaml", text.as_str()), ("b.yaml", text.as_str())],
        nine_to_six(),
    );
    assert_eq!(bad.unwrap_err()[0].0, "b.yaml");
}
