use serde::{Deserialize, Serialize};

use super::IpFamily;

/// A check of a host by echo requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IcmpConfig {
    /// Name or address.
    pub host: String,
    /// Packets per check (1 to 20).
    #[serde(default = "three")]
    pub packets: u16,
    /// Milliseconds between packets (10 to 5,000).
    #[serde(default = "fifth_of_a_second")]
    pub gap_ms: u32,
    /// Bytes of payload (0 to 1,400).
    #[serde(default = "usual_size")]
    pub payload_bytes: u16,
    /// The check fails when more than this share of packets is lost, in percent (0 to 99); losing all
    /// always fails.
    #[serde(default = "never_mind")]
    pub max_loss_percent: u8,
    /// Address family.
    #[serde(default)]
    pub ip: IpFamily,
    /// Name servers to ask instead of the system's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolver: Vec<String>,
}

fn three() -> u16 {
    3
}

fn fifth_of_a_second() -> u32 {
    200
}

fn usual_size() -> u16 {
    56
}

fn never_mind() -> u8 {
    99
}
