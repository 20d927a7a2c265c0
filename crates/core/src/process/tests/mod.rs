//! The incident process as it is delivered, walked through the door: these tests drive `definitions/processes/incident.yaml`.

mod desk;
mod flow;
mod intake;
