//! The incident process as it is delivered, walked through from the door: every test drives `definitions/processes/incident.yaml`.

mod desk;
mod r052_intake;
mod r078_flow;
