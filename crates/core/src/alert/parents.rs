//! Dependencies between monitors: a site behind a switch, a service on a host.
//!
//! A monitor has at most one parent, a parent its own parent, and so on. Only what is believed to be
//! *down* cuts its children off; a parent that is merely slow does not.

use jiff::Timestamp;

use super::sample::Parent;
use super::state::State;

/// Longest chain that is followed: a circle in the data ends here.
const DEEPEST: usize = 32;

/// How the chain above a monitor stands. `parent_of` gives the parent of a monitor and `state_of` its
/// state; a parent without a state (switched off, never checked) or of which nothing is known at present
/// says nothing and is passed over.
pub fn standing<'s, Id: Copy>(
    id: Id,
    parent_of: impl Fn(Id) -> Option<Id>,
    state_of: impl Fn(Id) -> Option<&'s State>,
) -> Parent {
    let mut standing = Parent::None;
    let mut above = parent_of(id);
    for _ in 0..DEEPEST {
        let Some(parent) = above else { break };
        if let Some(state) = state_of(parent) {
            standing = worse(standing, of(state));
        }
        above = parent_of(parent);
    }
    standing
}

fn of(state: &State) -> Parent {
    match (state.outage, state.blind, state.at) {
        (Some(_), _, _) => Parent::Down,
        (None, None, Some(_)) if state.is_failing() => Parent::Suspect,
        (None, None, Some(seen)) => Parent::Up { seen },
        _ => Parent::None,
    }
}

fn worse(a: Parent, b: Parent) -> Parent {
    match (a, b) {
        (Parent::Down, _) | (_, Parent::Down) => Parent::Down,
        (Parent::Suspect, _) | (_, Parent::Suspect) => Parent::Suspect,
        (Parent::Up { seen: a }, Parent::Up { seen: b }) => Parent::Up {
            seen: Timestamp::min(a, b),
        },
        (Parent::None, other) | (other, Parent::None) => other,
    }
}
