//! States: names, and that every one can be reached and left.

use std::collections::BTreeSet;

use super::{Checker, state_group};
use crate::definition::Entry;
use crate::process::file::{File, StateKind};

impl Checker<'_> {
    pub(super) fn states(&mut self) {
        let mut names = BTreeSet::new();
        for Entry {
            key,
            line,
            value: state,
        } in &self.file.states
        {
            let path = format!("states.{key}");
            self.key(*line, &path, key);
            self.text(*line, &path, &state.name);
            if state_group(key).is_some() {
                self.say(
                    *line,
                    &path,
                    "this word stands for several states and cannot name one",
                );
            }
            if !names.insert(&state.name.zh) {
                self.say(
                    *line,
                    &path,
                    format!("another state is called {} too", state.name.zh),
                );
            }
        }
    }

    /// Every state can be reached, and from every state the record can come to an end.
    pub(super) fn reachability(&mut self) {
        let file = self.file;
        let steps = steps(file);
        let forward = closure(BTreeSet::from([file.create.to.as_str()]), &steps);
        let back: Vec<(&str, &str)> = steps.iter().map(|(a, b)| (*b, *a)).collect();
        let ends = file
            .states
            .iter()
            .filter(|s| s.value.kind == StateKind::Closed)
            .map(|s| s.key.as_str())
            .collect();
        let ending = closure(ends, &back);
        for state in &file.states {
            let path = format!("states.{}", state.key);
            if !forward.contains(state.key.as_str()) {
                self.say(state.line, &path, "no action leads to this state");
            }
            if !ending.contains(state.key.as_str()) {
                self.say(
                    state.line,
                    &path,
                    "from this state a record can never be closed",
                );
            }
        }
    }
}

/// Every possible step from state to state.
fn steps(file: &File) -> Vec<(&str, &str)> {
    let mut steps = Vec::new();
    for action in &file.actions {
        for state in &file.states {
            let starts = action
                .value
                .from
                .iter()
                .any(|f| *f == state.key || state_group(f) == Some(state.value.kind));
            let targets = action
                .value
                .to
                .iter()
                .flat_map(|t| &t.0)
                .map(|b| b.state.as_str());
            steps.extend(
                targets
                    .filter(|_| starts)
                    .map(|to| (state.key.as_str(), to)),
            );
        }
    }
    steps
}

fn closure<'a>(mut reached: BTreeSet<&'a str>, steps: &[(&'a str, &'a str)]) -> BTreeSet<&'a str> {
    loop {
        let before = reached.len();
        reached.extend(
            steps
                .iter()
                .filter(|(from, _)| reached.contains(from))
                .map(|(_, to)| *to)
                .collect::<Vec<_>>(),
        );
        if reached.len() == before {
            return reached;
        }
    }
}
