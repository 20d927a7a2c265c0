//! The life of a document: each version is drafted, reviewed, in force, replaced by the next or ended.

use serde::{Deserialize, Serialize};

/// State of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 草拟: its text may be altered.
    Draft,
    /// 审核: complete, waits for somebody else's word.
    Review,
    /// 生效: signed; its text stays as it is.
    InForce,
    /// A later version took its place.
    Replaced,
    /// 终止: ended before or at the end of its term.
    Terminated,
    /// 作废: given up before it came into force.
    Discarded,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Review,
        Self::InForce,
        Self::Replaced,
        Self::Terminated,
        Self::Discarded,
    ];

    /// The word in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Review => "review",
            Self::InForce => "in_force",
            Self::Replaced => "replaced",
            Self::Terminated => "terminated",
            Self::Discarded => "discarded",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether it is still being worked on.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Review)
    }

    /// Whether it is, or once was, in force: both parties know it.
    #[must_use]
    pub const fn took_effect(self) -> bool {
        matches!(self, Self::InForce | Self::Replaced | Self::Terminated)
    }
}

/// What is done with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// 送审.
    Submit,
    /// 退回, with the reason.
    Return,
    /// 审核通过并生效, with both signatures.
    TakeEffect,
    /// 作废, with the reason.
    Discard,
    /// 定期评审, with its conclusion: stays in force.
    Examine,
    /// 终止, with the reason.
    Terminate,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Submit,
        Self::Return,
        Self::TakeEffect,
        Self::Discard,
        Self::Examine,
        Self::Terminate,
    ];

    /// The word in the database and the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Return => "return",
            Self::TakeEffect => "take_effect",
            Self::Discard => "discard",
            Self::Examine => "examine",
            Self::Terminate => "terminate",
        }
    }

    /// Whether it wants words: a reason or a conclusion.
    #[must_use]
    pub const fn wants_note(self) -> bool {
        !matches!(self, Self::Submit | Self::TakeEffect)
    }
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not possible from this state.
    #[error("{} is not possible from {}", .0.as_str(), .1.as_str())]
    NotFrom(Step, State),
    /// Who sent it to review does not pass it.
    #[error("who sent it to review does not pass it")]
    OwnReview,
    /// Another version is still being worked on.
    #[error("another version is still being worked on")]
    Unfinished,
}

/// The state after a step. `own` says that whoever acts is who sent it to review.
///
/// # Errors
/// Why not.
pub const fn step(state: State, step: Step, own: bool) -> Result<State, Refusal> {
    match (state, step) {
        (State::Draft, Step::Submit) => Ok(State::Review),
        (State::Review, Step::Return) => Ok(State::Draft),
        (State::Review, Step::TakeEffect) if own => Err(Refusal::OwnReview),
        (State::Review, Step::TakeEffect) | (State::InForce, Step::Examine) => Ok(State::InForce),
        (State::Draft | State::Review, Step::Discard) => Ok(State::Discarded),
        (State::InForce, Step::Terminate) => Ok(State::Terminated),
        _ => Err(Refusal::NotFrom(step, state)),
    }
}

/// Whether the next version may be begun: one at a time.
///
/// # Errors
/// When one is still being worked on.
pub fn begin(versions: &[State]) -> Result<(), Refusal> {
    if versions.iter().any(|state| state.is_open()) {
        Err(Refusal::Unfinished)
    } else {
        Ok(())
    }
}

/// How the document as a whole stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// There is none.
    None,
    /// 草拟: the first version is being written.
    Draft,
    /// 审核: the first version is under review.
    Review,
    /// 生效.
    InForce,
    /// 变更: a version is in force and the next is on its way.
    Change,
    /// 终止.
    Terminated,
}

/// How the document stands, from the states of its versions.
#[must_use]
pub fn standing(versions: &[State]) -> Standing {
    let any = |wanted: State| versions.contains(&wanted);
    let open = versions.iter().any(|state| state.is_open());
    match (any(State::InForce), open) {
        (true, true) => Standing::Change,
        (true, false) => Standing::InForce,
        (false, true) if any(State::Review) => Standing::Review,
        (false, true) => Standing::Draft,
        (false, false) if any(State::Terminated) => Standing::Terminated,
        (false, false) => Standing::None,
    }
}
