use serde::{Deserialize, Serialize};

/// A check of what a name server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsConfig {
    /// The name asked for.
    pub name: String,
    /// The record type.
    #[serde(default)]
    pub record: RecordKind,
    /// Name servers to ask (`address` or `address:port`), tried in turn; left out: the system's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolver: Vec<String>,
    /// Values that are expected; left out: any answer will do. Names without the final dot, MX as
    /// `10 mail.example.cn`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<String>,
    /// How they are compared with the answer.
    #[serde(default)]
    pub mode: MatchMode,
}

/// Record types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordKind {
    /// IPv4 address.
    #[default]
    A,
    /// IPv6 address.
    Aaaa,
    /// Alias.
    Cname,
    /// Mail exchanger.
    Mx,
    /// Name server.
    Ns,
    /// Text.
    Txt,
}

impl RecordKind {
    /// The name in DNS.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Ns => "NS",
            Self::Txt => "TXT",
        }
    }
}

/// How answers are compared with what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchMode {
    /// Everything expected is among the answers.
    #[default]
    All,
    /// Something expected is among the answers.
    Any,
    /// The answers are exactly what is expected (tells hijacked from right).
    Exact,
}
