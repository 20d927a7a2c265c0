//! The incident process as it is delivered, walked through the door: these tests drive `definitions/processes/incident.yaml`.

mod approvals;
mod closing;
mod definitions;
mod desk;
mod flow;
mod history;
mod intake;
mod properties;
mod roles;
