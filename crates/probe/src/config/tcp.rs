use serde::{Deserialize, Serialize};

use super::{IpFamily, TlsConfig};

/// A check of a TCP port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TcpConfig {
    /// Name or address.
    pub host: String,
    /// Port, from 1.
    pub port: u16,
    /// Text sent after connecting; `\r\n` is written as such. At most 4 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// Text that the server's first 4 KiB must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Speak TLS after connecting, and judge the certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsConfig>,
    /// Address family.
    #[serde(default)]
    pub ip: IpFamily,
    /// Name servers to ask instead of the system's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolver: Vec<String>,
}
