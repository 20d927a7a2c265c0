use jiff::Timestamp;
use uuid::Uuid;

use crate::definition::read_yaml;
use crate::process::approval::{Standing, Vote, standing};
use crate::process::file::Approval;

fn approval() -> Approval {
    read_yaml(
        "name: {zh: 恢复方案审批, en: Recovery plan}\nsteps:\n  review: {name: {zh: 审查, en: Review}, roles: [release_admin]}\n  approve: {name: {zh: 批准, en: Approve}, roles: [project_manager, customer_lead, expert], need: 2}\n",
    )
    .unwrap()
}

fn vote(step: &str, role: &str, user: u128, agreed: bool, second: i64) -> Vote {
    Vote {
        approval: "plan".into(),
        step: step.into(),
        role: role.into(),
        user: Uuid::from_u128(user),
        agreed,
        at: Timestamp::from_second(second).unwrap(),
    }
}

fn now(votes: &[Vote]) -> Standing {
    standing("plan", &approval(), votes)
}

fn pending(step: &str, roles: &[&str]) -> Standing {
    Standing::Pending {
        step: step.into(),
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
    }
}

#[test]
fn steps_follow_each_other_and_two_of_three_are_enough() {
    let review = vote("review", "release_admin", 1, true, 1);
    assert_eq!(now(&[]), pending("review", &["release_admin"]));
    let early = vote("approve", "customer_lead", 3, true, 2);
    assert_eq!(
        now(std::slice::from_ref(&early)),
        pending("review", &["release_admin"]),
        "an opinion given early waits"
    );
    assert_eq!(
        now(&[review.clone(), early.clone()]),
        pending("approve", &["project_manager", "expert"])
    );
    assert_eq!(
        now(&[review, early, vote("approve", "expert", 4, true, 3)]),
        Standing::Granted
    );
}

#[test]
fn it_is_refused_when_enough_can_no_longer_agree() {
    let mut votes = vec![
        vote("review", "release_admin", 1, true, 1),
        vote("approve", "expert", 4, false, 2),
    ];
    assert_eq!(
        now(&votes),
        pending("approve", &["project_manager", "customer_lead"]),
        "one refusal leaves two of three possible"
    );
    votes.push(vote("approve", "customer_lead", 3, false, 3));
    assert_eq!(
        now(&votes),
        Standing::Refused {
            step: "approve".into()
        }
    );
    votes.push(vote("approve", "customer_lead", 3, true, 4));
    assert_eq!(
        now(&votes),
        pending("approve", &["project_manager"]),
        "the last word of a role counts"
    );
}

#[test]
fn one_person_in_two_roles_is_one_opinion() {
    let votes = [
        vote("review", "release_admin", 1, true, 1),
        vote("approve", "project_manager", 7, true, 2),
        vote("approve", "customer_lead", 7, true, 3),
    ];
    assert_eq!(
        now(&votes),
        pending("approve", &["customer_lead", "expert"])
    );
}

#[test]
fn votes_of_another_approval_do_not_count() {
    let mut other = vote("review", "release_admin", 1, true, 1);
    other.approval = "other".into();
    assert_eq!(now(&[other]), pending("review", &["release_admin"]));
}
